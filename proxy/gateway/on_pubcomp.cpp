#include "mqtt/acknowledgement.hpp"
#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/checkpoints.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

// The end of a QoS 2 delivery: its packet id is free.
void on_pubcomp(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto packet = mqtt::decode_acknowledgement(frame, session.version);
  if (!packet) return close_with_error(state, client, packet.error());
  ++state.counters.acknowledgements_in;
  const auto* slot = session.inflight.find(packet->packet_id);
  if (slot == nullptr || slot->state != session::inflight_state::received) {
    ++state.counters.acknowledgements_unknown;
    return;
  }
  session.inflight.finish(state.inflight_pool, packet->packet_id);
  note_progress(state, client);
  use_room(state, client);
}

}  // namespace headgate::proxy::gateway
