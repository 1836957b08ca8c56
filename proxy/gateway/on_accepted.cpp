#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

void on_accepted(proxy_state& state, std::uint32_t client) {
  state.sessions.cover(client);
  auto& session = state.sessions[client];
  session.state = session::connection_state::awaiting_connect;
  session.version = mqtt::version::v3_1_1;
  session.pauses = 0;
  session.subscribing = 0;
  session.refusals_told = 0;
  session.terms = state.current_terms;
  session.read_requested = false;
  session.read_again = false;
  session.waits = false;
  session.progressed = false;
  session.awaits_turn = false;
  session.checkpointed = false;
  session.unanswered = 0;
  session.inflight.restart(state.inflight_pool, 1);
  state.timers.set(client, state.limits.connect_timeout_s, state.now.monotonic);
  ++state.counters.connections_accepted;
}

}  // namespace headgate::proxy::gateway
