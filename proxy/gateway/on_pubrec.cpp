#include "mqtt/acknowledgement.hpp"
#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/checkpoints.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/groups.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/storing.hpp"

namespace headgate::proxy::gateway {

// [MQTT-4.3.3-4], [MQTT-4.3.3-5]: PUBREL goes out, also for a PUBREC that comes again. One that refuses the message
// ends it.
void on_pubrec(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto packet = mqtt::decode_acknowledgement(frame, session.version);
  if (!packet) return close_with_error(state, client, packet.error());
  ++state.counters.acknowledgements_in;
  auto* slot = session.inflight.find(packet->packet_id);
  if (slot == nullptr || slot->qos != 2) {
    ++state.counters.acknowledgements_unknown;
    // MQTT 3.1.1 has no reason code, and a client there waits for PUBREL only.
    const bool v5 = session.version == mqtt::version::v5;
    return send_acknowledgement(state, client, mqtt::packet_type::pubrel, packet->packet_id,
                                v5 ? mqtt::reason_code::packet_identifier_not_found : mqtt::reason_code::success);
  }
  if (slot->unsent) --session.more->unsent;
  slot->unsent = 0;
  group_done(state, client, *slot);
  if (packet->reason >= mqtt::reason_code::unspecified_error) {
    session.inflight.finish(state.inflight_pool, packet->packet_id);
    note_progress(state, client);
    return use_room(state, client);
  }
  // Whoever takes the session up must not send it again once PUBREL has gone out: the client knows the id no more.
  slot->state = session::inflight_state::received;
  acknowledge_when_stored(state, client, mqtt::packet_type::pubrel, packet->packet_id, mqtt::reason_code::success);
}

}  // namespace headgate::proxy::gateway
