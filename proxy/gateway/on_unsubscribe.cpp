#include "mqtt/unsubscribe.hpp"

#include <utility>

#include "mqtt/topic.hpp"
#include "mqtt/unsuback.hpp"
#include "proxy/gateway/barriers.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::proxy::gateway {

namespace {

// Only when a shard has heard that a member has left its group does it give that member nothing more, and all to the
// others: so UNSUBACK waits until it has. Other filters end here, at once.
void wait_for_groups(proxy_state& state, std::string_view filter, std::uint32_t unsubscribe) {
  for_each_shard_of(state, filter, [&](shard_link& shard) {
    wait_behind(shard, {behind_barrier::kind::unsuback, unsubscribe});
    ++state.unsubscribes[unsubscribe].unanswered;
  });
}

void answer(proxy_state& state, std::uint32_t unsubscribe) {
  auto pending = std::exchange(state.unsubscribes[unsubscribe], {});
  state.unsubscribes.release(unsubscribe);
  if (state.connected(pending.client) == nullptr) return;
  answer_when_stored(state, pending.client.index, std::move(pending.answer));
}

}  // namespace

void on_unsubscribe(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  const auto version = state.sessions[client].version;
  const auto packet = mqtt::decode_unsubscribe(frame, version);
  if (!packet) return close_with_error(state, client, packet.error());
  std::vector<mqtt::reason_code> reasons;
  reasons.reserve(packet->filters.size());
  const auto unsubscribe = state.unsubscribes.acquire();
  for (const auto filter : packet->filters) {
    const bool held = end_subscription(state, client, filter);
    if (held && mqtt::is_shared_filter(filter)) wait_for_groups(state, filter, unsubscribe);
    reasons.push_back(held ? mqtt::reason_code::success : mqtt::reason_code::no_subscription_existed);
  }
  const mqtt::unsuback unsuback{packet->packet_id, reasons};
  std::string bytes(encoded_size(unsuback, version), '\0');
  encode(unsuback, version, reinterpret_cast<std::uint8_t*>(bytes.data()));
  auto& pending = state.unsubscribes[unsubscribe];
  pending.client = state.ref_of(client);
  pending.answer = std::move(bytes);
  if (pending.unanswered == 0) answer(state, unsubscribe);
}

void on_group_left(proxy_state& state, std::uint32_t unsubscribe) {
  if (--state.unsubscribes[unsubscribe].unanswered == 0) answer(state, unsubscribe);
}

void on_route_withdrawn(proxy_state& state, const link::route_withdrawn& message) {
  if (--state.filters[message.filter.value].unconfirmed == 0) state.filters.release(message.filter.value);
}

}  // namespace headgate::proxy::gateway
