#include <string>

#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/connecting.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/wills.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

// A client that we do not read is not timed out by its silence, but by what it does not take, or what its shards do
// not acknowledge.
void on_blocked(proxy_state& state, std::uint32_t client, std::uint32_t silent_s) {
  if (silent_s < base::publish_blocked_limit_s) {
    state.timers.set(client, base::publish_blocked_limit_s - silent_s, state.now.monotonic);
    return;
  }
  close_with_reason(state, client, mqtt::reason_code::quota_exceeded,
                    "what it asked for, published or was to take has been stuck for 30 s", ended_by::error);
}

void on_keep_alive(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  const auto silent_s = state.now_s() - session.last_heard_s;
  if (session.pauses != 0) return on_blocked(state, client, silent_s);
  if (session.keep_alive_s == 0) return;
  const auto allowed_s = session.silence_allowed_s();
  // Both ends of the silence are whole seconds: only one second more is surely as long as allowed.
  if (silent_s <= allowed_s) return state.timers.set(client, allowed_s - silent_s + 1, state.now.monotonic);
  ++state.counters.keep_alive_timeouts;
  close_with_reason(state, client, mqtt::reason_code::keep_alive_timeout, "nothing heard for 1.5 times its Keep Alive",
                    ended_by::keep_alive);
}

void on_no_connect(proxy_state& state, std::uint32_t client) {
  ++state.counters.connect_timeouts;
  if (!state.ports.clients.entrance_of(client).handshaking) {
    tell_problem(state, client, "client_refused",
                 "was refused: no whole CONNECT came within " + std::to_string(state.limits.connect_timeout_s) +
                     " s (limits.connect_timeout_s); look at what else connects to this port");
  }
  close_now(state, client, {});
}

void on_timer(proxy_state& state, std::uint32_t client) {
  switch (state.sessions[client].state) {
    case connection_state::absent:
      return;
    case connection_state::awaiting_connect:
      return on_no_connect(state, client);
    case connection_state::claiming:
      return on_connect_waits(state, client);
    case connection_state::connected:
      return on_keep_alive(state, client);
    case connection_state::closing:
      return close_now(state, client, {});
  }
}

}  // namespace

void on_timers(proxy_state& state) {
  state.rung.clear();
  state.timers.advance(state.now.monotonic, state.rung);
  for (const auto client : state.rung) on_timer(state, client);
  sweep_store(state);
  tell_left_out(state);
}

}  // namespace headgate::proxy::gateway
