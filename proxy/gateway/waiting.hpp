#pragma once

#include "proxy/gateway/deliver.hpp"

// Clients whose window or output is full: what comes waits as references into the worker's tail, and is sent as room
// comes.
namespace headgate::proxy::gateway {

// Adds a live record behind what waits already; when that is too much the session reads the log instead.
void wait_in_line(proxy_state& state, std::uint32_t client, session::position& position, const delivery& delivery);

// Sends what waits while there is room.
void send_waiting(proxy_state& state, std::uint32_t client);

// Forgets what waits: the connection ends.
void stop_waiting(proxy_state& state, std::uint32_t client);

// Whether the filter starts above the record's offset, for a session that is not live in that log.
bool starts_later(const session::session& session, std::uint32_t filter, const delivery& delivery);

}  // namespace headgate::proxy::gateway
