#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/pausing.hpp"

namespace headgate::proxy::gateway {

void on_sent(proxy_state& state, std::uint32_t client, std::uint32_t still_pending) {
  auto& session = state.sessions[client];
  set_pending(state, session, still_pending);
  if (session.state != session::connection_state::connected) return;
  if ((session.pauses & session::pause_output) != 0) {
    session.last_heard_s = state.now_s();  // it takes something: that counts as a sign of life
    if (still_pending < state.limits.max_output_bytes) resume(state, client, session::pause_output);
  }
  use_room(state, client);
}

}  // namespace headgate::proxy::gateway
