#include "broker/shard/group_dispatch.hpp"
#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void on_group_credit(shard_state& state, const link::group_credit& message) {
  const route holder{message.from, message.filter};
  const auto number = state.groups.number_of(holder);
  if (!number) return;
  auto& group = state.groups.all[*number];
  for (auto& member : group.members) {
    if (member.holder == holder) member.credit = message.places;
  }
  if (!message.asks_anew) return;
  group.undone.forget_refusals(message.from);
  ask_for_parked(group);
}

}  // namespace headgate::broker::shard
