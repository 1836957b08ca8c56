#include "broker/shard/group_dispatch.hpp"

namespace headgate::broker::shard {

void on_group_return(shard_state& state, const link::group_return& message) {
  const route holder{message.from, message.filter};
  const auto found = state.groups.by_member.find(group_table::key_of(holder));
  if (found == state.groups.by_member.end() ||
      !state.groups.all[found->second].undone.give_back(message.place, holder)) {
    ++state.counters.group_ignored;
    return;
  }
  ++state.counters.group_returned;
  fall_behind(state, found->second, state.delivered);
}

}  // namespace headgate::broker::shard
