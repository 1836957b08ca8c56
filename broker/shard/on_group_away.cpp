#include "broker/shard/group_log.hpp"
#include "broker/shard/group_membership.hpp"
#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void on_group_away(shard_state& state, const link::group_away& message, base::wall_ms now) {
  const auto number = state.groups.number_of({message.from, message.filter});
  if (!number) return;
  linger(state, state.groups.all[*number], message.linger_s, now);
  note_change(state.groups, *number);
}

}  // namespace headgate::broker::shard
