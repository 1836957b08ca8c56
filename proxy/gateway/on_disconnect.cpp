#include "mqtt/disconnect.hpp"

#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

void on_disconnect(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto packet = mqtt::decode_disconnect(frame, session.version);
  if (!packet) return close_with_error(state, client, packet.error());
  if (packet->session_expiry_interval_s) {
    if (session.expiry_s == 0 && *packet->session_expiry_interval_s > 0) {
      return close_with_reason(state, client, mqtt::reason_code::protocol_error,
                               "DISCONNECT makes a session last that was to end with the connection (3.14.2.2.2)",
                               ended_by::error);
    }
    session.expiry_s = *packet->session_expiry_interval_s;
  }
  // [MQTT-3.1.2-10]
  if (packet->reason == mqtt::reason_code::success && session.more) session.more->will.reset();
  close_now(state, client, {ended_by::client, packet->reason});
}

}  // namespace headgate::proxy::gateway
