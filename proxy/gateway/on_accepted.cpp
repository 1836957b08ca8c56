#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

void on_accepted(proxy_state& state, std::uint32_t client) {
  state.sessions.cover(client);
  auto& session = state.sessions[client];
  session.state = session::connection_state::awaiting_connect;
  session.stage = session::delivery_stage::live;
  session.pending_bytes = 0;
  session.read_requested = false;
  session.answer_cut = false;
  session.socket_paused = false;
  session.next = 0;
  state.timers.set(client, state.limits.connect_timeout_s, state.now.monotonic);
  ++state.counters.connections_accepted;
}

}  // namespace headgate::proxy::gateway
