#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

void on_keep_alive(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  const auto allowed_s = session.keep_alive_s + (session.keep_alive_s + 1U) / 2;
  const auto silent_s = state.now_s() - session.last_heard_s;
  // A client that we do not read is not timed out meanwhile.
  if (silent_s < allowed_s || session.reading_stopped) {
    state.timers.set(client, silent_s < allowed_s ? allowed_s - silent_s : allowed_s, state.now.monotonic);
    return;
  }
  ++state.counters.keep_alive_timeouts;
  close_with_reason(state, client, mqtt::reason_code::keep_alive_timeout, "nothing heard for 1.5 times its Keep Alive",
                    blame::none);
}

void on_timer(proxy_state& state, std::uint32_t client) {
  switch (state.sessions[client].state) {
    case connection_state::absent:
      return;
    case connection_state::awaiting_connect:
      ++state.counters.connect_timeouts;
      return close_now(state, client);
    case connection_state::connected:
      return on_keep_alive(state, client);
    case connection_state::closing:
      return close_now(state, client);
  }
}

}  // namespace

void on_timers(proxy_state& state) {
  state.rung.clear();
  state.timers.advance(state.now.monotonic, state.rung);
  for (const auto client : state.rung) on_timer(state, client);
}

}  // namespace headgate::proxy::gateway
