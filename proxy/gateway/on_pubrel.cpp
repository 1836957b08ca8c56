#include <algorithm>

#include "mqtt/acknowledgement.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"

namespace headgate::proxy::gateway {

// The client will not send the message again: its packet id may mean a new one [MQTT-4.3.3-11, -12].
void on_pubrel(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto packet = mqtt::decode_acknowledgement(frame, session.version);
  if (!packet) return close_with_error(state, client, packet.error());
  bool known = false;
  if (session.more) {
    known = std::erase(session.more->received, packet->packet_id) > 0;
    std::erase(session.more->received_before, packet->packet_id);
  }
  const bool tell = !known && session.version == mqtt::version::v5;
  send_acknowledgement(state, client, mqtt::packet_type::pubcomp, packet->packet_id,
                       tell ? mqtt::reason_code::packet_identifier_not_found : mqtt::reason_code::success);
}

}  // namespace headgate::proxy::gateway
