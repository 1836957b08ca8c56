#include "broker/shard/group_dispatch.hpp"

namespace headgate::broker::shard {

void on_group_return(shard_state& state, const link::group_return& message, base::wall_ms now) {
  const route holder{message.from, message.filter};
  const auto number = state.groups.number_of(holder);
  if (!number || !state.groups.all[*number].undone.give_back(message.place, holder, message.refusal)) {
    ++state.counters.group_ignored;
    return;
  }
  ++state.counters.group_returned;
  auto& group = state.groups.all[*number];
  if (is_nobodys(group, group.undone.refusals_of(message.place))) {
    return set_aside(state, *number, message.place, state.clock_ms(now));
  }
  fall_behind(state, *number, state.delivered);
}

}  // namespace headgate::broker::shard
