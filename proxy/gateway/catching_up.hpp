#pragma once

#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

// Asks the shard for what a client that fell behind has missed, once half its window is free and its output has room.
// Does nothing for a live client, and while an answer is still on its way.
void request_read(proxy_state& state, std::uint32_t client);

}  // namespace headgate::proxy::gateway
