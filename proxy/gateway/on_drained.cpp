#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

void on_drained(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  session.pending_bytes = 0;
  if (session.state != session::connection_state::connected) return;
  if (session.reading_stopped) {
    session.reading_stopped = false;
    state.clients.set_reading(client, true);
  }
  request_read(state, client);
}

}  // namespace headgate::proxy::gateway
