#include "mqtt/unsubscribe.hpp"

#include "mqtt/unsuback.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::proxy::gateway {

void on_unsubscribe(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  const auto version = state.sessions[client].version;
  const auto packet = mqtt::decode_unsubscribe(frame, version);
  if (!packet) return close_with_error(state, client, packet.error());
  std::vector<mqtt::reason_code> reasons;
  reasons.reserve(packet->filters.size());
  for (const auto filter : packet->filters) {
    const bool held = end_subscription(state, client, filter);
    reasons.push_back(held ? mqtt::reason_code::success : mqtt::reason_code::no_subscription_existed);
  }
  const mqtt::unsuback answer{packet->packet_id, reasons};
  std::string bytes(encoded_size(answer, version), '\0');
  encode(answer, version, reinterpret_cast<std::uint8_t*>(bytes.data()));
  answer_when_stored(state, client, std::move(bytes));
}

void on_route_withdrawn(proxy_state& state, const link::route_withdrawn& message) {
  if (--state.filters[message.filter.value].unconfirmed == 0) state.filters.release(message.filter.value);
}

}  // namespace headgate::proxy::gateway
