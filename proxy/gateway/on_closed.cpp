#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

void on_closed(proxy_state& state, std::uint32_t client) {
  auto& session = state.sessions[client];
  // What this turn has gathered for it goes nowhere.
  session.first_extent = session.last_extent = session::no_extent;
  session.output_bytes = 0;
  end_session(state, client);
  session.state = session::connection_state::absent;
  session.pauses = 0;
  state.timers.cancel(client);
}

}  // namespace headgate::proxy::gateway
