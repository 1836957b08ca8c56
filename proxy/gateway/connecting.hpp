#pragma once

#include <string_view>

#include "mqtt/connack.hpp"
#include "proxy/gateway/proxy_state.hpp"

// A CONNECT between its arrival and its CONNACK: `request` is its number in state.connects.
namespace headgate::proxy::gateway {

// Whether its client is still there.
bool still_waits(proxy_state& state, const pending_connect& pending);
// The CONNACK that accepts it, but for Session Present and what may be left out. It points into `pending`.
mqtt::connack connack_of(const proxy_state& state, const pending_connect& pending);
// Asks the store for the session.
void claim_session(proxy_state& state, std::uint32_t request, bool force);
// Refuses it with CONNACK.
void give_up_connect(proxy_state& state, std::uint32_t request, mqtt::reason_code reason, std::string_view why);
// Forgets it.
void end_connect(proxy_state& state, std::uint32_t request);
// A second has passed without an answer.
void on_connect_waits(proxy_state& state, std::uint32_t client);

}  // namespace headgate::proxy::gateway
