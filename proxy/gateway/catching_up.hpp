#pragma once

#include "proxy/gateway/proxy_state.hpp"

// How a client that fell behind gets its messages from the log: on_read_batch() and on_read_end() of events.hpp are
// here, too.
namespace headgate::proxy::gateway {

// Something made room for a client: what waits goes out, then what is to be sent again or read is asked for. Not only
// when half the window is free: a client that has sent its first PUBACK may hold the others back until it hears from
// us (Nagle's algorithm against delayed acknowledgements: 40 ms for each window).
void use_room(proxy_state& state, std::uint32_t client);

// Notes that a client that is behind in some log can take more from it. Does nothing while an answer is on its way.
void request_read(proxy_state& state, std::uint32_t client);

// What a READ on its way answers for this shard is not to be used, since a filter has begun meanwhile.
void read_again(proxy_state& state, std::uint32_t client);

// Once a turn, when all clients were read: asks the shards for the first of those that can take more, each sized to its
// window; the others have their turn next.
void hand_over_reads(proxy_state& state);

}  // namespace headgate::proxy::gateway
