#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"

namespace headgate::proxy::gateway {

void on_shutdown(proxy_state& state) {
  for (std::uint32_t client = 0; client < state.sessions.size(); ++client) {
    if (state.sessions[client].state != session::connection_state::connected) continue;
    close_with_reason(state, client, mqtt::reason_code::server_shutting_down, "the server is shutting down",
                      blame::none);
  }
  flush_all(state);
}

}  // namespace headgate::proxy::gateway
