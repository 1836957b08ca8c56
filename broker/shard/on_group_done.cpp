#include "broker/shard/group_log.hpp"
#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void on_group_done(shard_state& state, const link::group_done& message) {
  const route holder{message.from, message.filter};
  const auto number = state.groups.number_of(holder);
  if (!number || !state.groups.all[*number].undone.finish(message.place, holder)) {
    ++state.counters.group_ignored;
    return;
  }
  note_change(state.groups, *number);
}

}  // namespace headgate::broker::shard
