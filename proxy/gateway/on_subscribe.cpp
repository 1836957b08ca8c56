#include "mqtt/suback.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/topic.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::proxy::gateway {

namespace {

// What a filter is granted, or why not.
mqtt::reason_code grant(proxy_state& state, const session::session& session, const mqtt::subscription& asked) {
  if (mqtt::is_shared_filter(asked.filter)) return mqtt::reason_code::shared_subscriptions_not_supported;
  const bool full = session.subscriptions.size() >= state.limits.max_subscriptions;
  if (full && session.subscriptions.find(state.filters.find(asked.filter)) == nullptr) {
    return mqtt::reason_code::quota_exceeded;
  }
  return asked.maximum_qos == mqtt::qos::at_most_once ? mqtt::reason_code::success : mqtt::reason_code::granted_qos_1;
}

bool granted(mqtt::reason_code reason) {
  return reason <= mqtt::reason_code::granted_qos_2;
}

void answer(proxy_state& state, std::uint32_t subscribe) {
  auto& pending = state.subscribes[subscribe];
  if (const auto* session = state.connected(pending.client)) {
    const mqtt::suback packet{pending.packet_id, pending.reasons};
    send_packet(state, pending.client.index, packet, session->version);
  }
  pending.reasons.clear();
  state.subscribes.release(subscribe);
}

}  // namespace

void on_subscribe(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto packet = mqtt::decode_subscribe(frame, session.version);
  if (!packet) return close_with_error(state, client, packet.error());
  if (packet->subscription_identifier != 0) {
    return close_with_reason(state, client, mqtt::reason_code::subscription_identifiers_not_supported,
                             "Subscription Identifiers are not supported yet: subscribe without", blame::client);
  }

  const auto subscribe = state.subscribes.acquire();
  auto& pending = state.subscribes[subscribe];
  pending.client = state.ref_of(client);
  pending.packet_id = packet->packet_id;
  pending.unanswered = 0;
  for (const auto& asked : packet->subscriptions) {
    const auto reason = grant(state, session, asked);
    pending.reasons.push_back(reason);
    if (!granted(reason)) continue;
    const subscriber options{client, static_cast<mqtt::qos>(reason), asked.no_local};
    pending.unanswered += begin_subscription(state, client, asked.filter, options, subscribe);
  }
  if (pending.unanswered == 0) answer(state, subscribe);
}

void on_route_registered(proxy_state& state, const link::route_registered& message) {
  const auto route = state.routes[message.request];
  state.routes.release(message.request);
  auto& pending = state.subscribes[route.subscribe];
  if (auto* session = state.connected(pending.client)) {
    if (const auto* held = session->subscriptions.find(route.filter)) {
      auto& subscriber = state.filters[route.filter].subscribers.all()[held->place];
      if (subscriber.start == unanswered) subscriber.start = message.end.value;
    }
  }
  if (--pending.unanswered == 0) answer(state, route.subscribe);
}

}  // namespace headgate::proxy::gateway
