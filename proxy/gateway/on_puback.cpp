#include "mqtt/acknowledgement.hpp"
#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/checkpoints.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/groups.hpp"

namespace headgate::proxy::gateway {

// A reason code of 0x80 or above ends the message as well: it is not sent again.
void on_puback(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto packet = mqtt::decode_acknowledgement(frame, session.version);
  if (!packet) return close_with_error(state, client, packet.error());
  ++state.counters.acknowledgements_in;
  auto* slot = session.inflight.find(packet->packet_id);
  if (slot == nullptr || slot->qos != 1) {
    ++state.counters.acknowledgements_unknown;
    return;
  }
  if (slot->unsent) --session.more->unsent;
  group_done(state, client, *slot);
  session.inflight.finish(state.inflight_pool, packet->packet_id);
  note_progress(state, client);
  use_room(state, client);
}

}  // namespace headgate::proxy::gateway
