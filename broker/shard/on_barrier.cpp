#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void on_barrier(shard_state& state, const link::barrier& message, inboxes& workers) {
  workers[message.from.value]->messages.emplace_back(link::barrier_passed{state.id, message.number});
}

}  // namespace headgate::broker::shard
