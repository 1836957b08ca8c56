#pragma once

#include "proxy/gateway/proxy_state.hpp"

// How far the clients of sessions that outlive their connections have come is stored now and then: should the process
// die, what they acknowledged since comes again.
namespace headgate::proxy::gateway {

// The client has acknowledged something. Cheap.
void note_progress(proxy_state& state, std::uint32_t client);
// Once a turn. Nothing with a store that dies with the process.
void run_checkpoints(proxy_state& state);
// Whether there is more to store now, so that no worker sleeps before.
bool checkpoints_want_turn(const proxy_state& state);

}  // namespace headgate::proxy::gateway
