#include "mqtt/disconnect.hpp"

#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

void on_disconnect(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  const auto packet = mqtt::decode_disconnect(frame, state.sessions[client].version);
  if (!packet) return close_with_error(state, client, packet.error());
  close_now(state, client);
}

}  // namespace headgate::proxy::gateway
