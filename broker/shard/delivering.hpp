#pragma once

#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

// Gives a committed batch, the next one, to all who want it: streams, groups, the retained store; then acknowledges it
// to the worker that it came from.
void deliver(shard_state& state, const undelivered_batch& message, inboxes& workers);

}  // namespace headgate::broker::shard
