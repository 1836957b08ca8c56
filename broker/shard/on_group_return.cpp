#include "broker/shard/group_dispatch.hpp"

namespace headgate::broker::shard {

void on_group_return(shard_state& state, const link::group_return& message, base::wall_ms now) {
  const route holder{message.from, message.filter};
  const auto found = state.groups.by_member.find(group_table::key_of(holder));
  auto* group = found == state.groups.by_member.end() ? nullptr : &state.groups.all[found->second];
  if (group == nullptr || !group->undone.give_back(message.place, holder, message.refusal)) {
    ++state.counters.group_ignored;
    return;
  }
  ++state.counters.group_returned;
  if (is_nobodys(*group, group->undone.refusals_of(message.place))) {
    return set_aside(state, found->second, message.place, state.clock_ms(now));
  }
  fall_behind(state, found->second, state.delivered);
}

}  // namespace headgate::broker::shard
