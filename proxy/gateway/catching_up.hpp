#pragma once

#include "proxy/gateway/proxy_state.hpp"

// How a client that fell behind gets its messages from the log: on_read_batch() and on_read_end() of events.hpp are
// here, too.
namespace headgate::proxy::gateway {

// Notes that a client that fell behind can take more, as soon as its window and its output have any room. Not later: a
// client that has sent its first PUBACK may hold the others back until it hears from us (Nagle's algorithm against
// delayed acknowledgements: 40 ms for each window). Does nothing for a live client, and while an answer is still on its
// way.
void request_read(proxy_state& state, std::uint32_t client);

// Once a turn, when all clients were read: asks the shard for the first of those that can take more, each sized to its
// window; the others have their turn next.
void hand_over_reads(proxy_state& state);

}  // namespace headgate::proxy::gateway
