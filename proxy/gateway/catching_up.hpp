#pragma once

#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

// Asks the shard for what a client that fell behind has missed, as soon as its window and its output have room, sized
// to that room. Not later: a client that has sent its first PUBACK may hold the others back until it hears from us
// (Nagle's algorithm against delayed acknowledgements: 40 ms for each window). One READ a turn, so acknowledgements
// that come together share it. Does nothing for a live client, and while an answer is still on its way.
void request_read(proxy_state& state, std::uint32_t client);

}  // namespace headgate::proxy::gateway
