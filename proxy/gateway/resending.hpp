#pragma once

#include "proxy/gateway/proxy_state.hpp"

// What a client that came back has not acknowledged is sent again, in order, before anything new [MQTT-4.4.0-1];
// on_fetch_batch() and on_fetch_end() of events.hpp are here, too.
namespace headgate::proxy::gateway {

// Asks for the next messages to be sent again, as the client has room. Does nothing while an answer is on its way, and
// when there are none.
void request_resends(proxy_state& state, std::uint32_t client);

}  // namespace headgate::proxy::gateway
