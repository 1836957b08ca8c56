#include "mqtt/acknowledgement.hpp"
#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

void on_puback(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto packet = mqtt::decode_acknowledgement(frame, session.version);
  if (!packet) return close_with_error(state, client, packet.error());
  ++state.counters.acknowledgements_in;
  if (!session.inflight.acknowledge(state.inflight_pool, packet->packet_id)) ++state.counters.acknowledgements_unknown;
  request_read(state, client);
}

}  // namespace headgate::proxy::gateway
