#pragma once

#include "proxy/gateway/proxy_state.hpp"

// Clients that are not read for a while; `why` is one of the bits of session::pauses.
namespace headgate::proxy::gateway {

inline void pause(proxy_state& state, std::uint32_t client, std::uint8_t why) {
  auto& session = state.sessions[client];
  if ((session.pauses & why) != 0) return;
  if (session.pauses == 0) state.ports.clients.set_reading(client, false);
  session.pauses |= why;
  // A connected client that is not read is not timed out by its silence, but after a while by the pause itself.
  if (session.state == session::connection_state::connected) {
    session.last_heard_s = state.now_s();
    state.timers.set(client, base::publish_blocked_limit_s, state.now.monotonic);
  }
}

inline void resume(proxy_state& state, std::uint32_t client, std::uint8_t why) {
  auto& session = state.sessions[client];
  if ((session.pauses & why) == 0) return;
  session.pauses &= static_cast<std::uint8_t>(~why);
  session.last_heard_s = state.now_s();
  if (session.pauses != 0) return;
  state.ports.clients.set_reading(client, true);
  if (session.state == session::connection_state::connected && session.keep_alive_s > 0) {
    state.timers.set(client, session.silence_allowed_s(), state.now.monotonic);
  }
}

// Of its publishes above QoS 0 the client has not too many unanswered any more, nor too much that waits for the store.
inline void resume_if_answered(proxy_state& state, std::uint32_t client) {
  const auto& session = state.sessions[client];
  if (session.unanswered > state.terms_of(session).inflight_in / 2) return;
  if (session.more && session.more->numbered_bytes > base::numbered_bytes / 2) return;
  resume(state, client, session::pause_unanswered);
}

}  // namespace headgate::proxy::gateway
