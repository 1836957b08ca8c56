#include "mqtt/acknowledgement.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/session/received.hpp"

namespace headgate::proxy::gateway {

namespace {

// Not before the store has forgotten the packet id: a new message under it would pass for the old one.
void send_pubcomp(proxy_state& state, std::uint32_t client, std::uint16_t packet_id, mqtt::reason_code reason) {
  acknowledge_when_stored(state, client, mqtt::packet_type::pubcomp, packet_id, reason);
}

}  // namespace

// The client will not send the message again: its packet id may mean a new one [MQTT-4.3.3-11, -12].
void on_pubrel(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto packet = mqtt::decode_acknowledgement(frame, session.version);
  if (!packet) return close_with_error(state, client, packet.error());
  auto* found = session.more ? session::find_received(*session.more, packet->packet_id) : nullptr;
  if (found == nullptr) {
    const bool tell = session.version == mqtt::version::v5;
    return send_pubcomp(state, client, packet->packet_id,
                        tell ? mqtt::reason_code::packet_identifier_not_found : mqtt::reason_code::success);
  }
  // It has not waited for PUBREC: PUBCOMP comes behind that.
  if (found->state == session::received_message::progress::on_its_way) {
    found->release_came = true;
    return;
  }
  release_received(state, client, packet->packet_id);
}

void release_received(proxy_state& state, std::uint32_t client, std::uint16_t packet_id) {
  auto& session = state.sessions[client];
  const auto nonce = session.more->nonce;
  const auto released = session::erase_received(*session.more, packet_id);
  if (released.number > 0) forget_when_stored(state, client, {nonce, released.number, released.shard});
  send_pubcomp(state, client, packet_id, mqtt::reason_code::success);
}

}  // namespace headgate::proxy::gateway
