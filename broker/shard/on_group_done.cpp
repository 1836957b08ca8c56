#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void on_group_done(shard_state& state, const link::group_done& message) {
  const route holder{message.from, message.filter};
  auto* group = state.groups.find(holder);
  if (group == nullptr || !group->undone.finish(message.place, holder)) ++state.counters.group_ignored;
}

}  // namespace headgate::broker::shard
