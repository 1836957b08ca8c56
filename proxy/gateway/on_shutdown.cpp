#include "proxy/gateway/barriers.hpp"
#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/releasing.hpp"

namespace headgate::proxy::gateway {

// Wills are not published: it is the server that goes, and most clients are back as soon as it is (MQTT 5.0, 3.1.2.5
// leaves it to the server).
void on_shutdown(proxy_state& state) {
  for (std::uint32_t client = 0; client < state.sessions.size(); ++client) {
    auto& session = state.sessions[client];
    if (session.state != session::connection_state::connected) continue;
    if (session.more) session.more->will.reset();
    close_with_reason(state, client, mqtt::reason_code::server_shutting_down, "the server is shutting down",
                      ended_by::shutdown);
  }
  pass_all_barriers(state);
  release_all_held(state);
  flush_all(state);
  tell_all_left_out(state);
}

}  // namespace headgate::proxy::gateway
