#include "broker/shard/group_membership.hpp"
#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void on_group_away(shard_state& state, const link::group_away& message, base::wall_ms now) {
  auto* group = state.groups.find({message.from, message.filter});
  if (group != nullptr) linger(state, *group, message.linger_s, now);
}

}  // namespace headgate::broker::shard
