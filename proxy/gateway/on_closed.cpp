#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/output.hpp"

namespace headgate::proxy::gateway {

void on_closed(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  // Its own side is closed, and it may still read what this turn has gathered for it: a CONNACK, or why it was refused.
  flush_client(state, client);
  end_session(state, client, {ended_by::network});
  session.state = session::connection_state::absent;
  session.pauses = 0;
  session.subscribing = 0;
  set_pending(state, session, 0);
  state.timers.cancel(client);
}

}  // namespace headgate::proxy::gateway
