#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void on_group_held(shard_state& state, const link::group_held& message) {
  const route holder{message.from, message.filter};
  const auto number = state.groups.number_of(holder);
  if (!number || !state.groups.all[*number].undone.hold(message.place, holder)) ++state.counters.group_ignored;
}

}  // namespace headgate::broker::shard
