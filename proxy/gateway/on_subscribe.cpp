#include <algorithm>
#include <utility>

#include "mqtt/suback.hpp"
#include "mqtt/subscribe.hpp"
#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/client_lines.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/groups.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/pausing.hpp"
#include "proxy/gateway/retained.hpp"
#include "proxy/gateway/rights.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/subscribing.hpp"
#include "proxy/gateway/told_reason.hpp"

namespace headgate::proxy::gateway {

namespace {

// What a filter is granted, or why not; `*checked` becomes whether each of its messages has to be asked for.
mqtt::reason_code grant(proxy_state& state, const session::session& session, const mqtt::subscription& asked,
                        bool* checked) {
  const bool full = session.subscriptions.size() >= state.limits.max_subscriptions;
  if (full && session.subscriptions.find(state.filters.find(asked.filter)) == nullptr) {
    return mqtt::reason_code::quota_exceeded;
  }
  const auto reach = reach_of(state, session, asked.filter);
  *checked = reach != reach::all;
  if (reach == reach::nothing) return mqtt::reason_code::not_authorized;
  return static_cast<mqtt::reason_code>(asked.maximum_qos);
}

void refuse(proxy_state& state, std::uint32_t client, std::string_view filter) {
  ++state.counters.subscribes_refused;
  if (!is_first_refusal(state, client, session::told_subscribe)) return;
  tell_problem(
      state, client, "client_subscribe_refused",
      "may not read anything of '" + printable(filter) + "': refused, as other filters of this connection may be");
}

bool granted(mqtt::reason_code reason) {
  return reason <= mqtt::reason_code::granted_qos_2;
}

std::string encode_suback(const session::session& session, const pending_subscribe& pending) {
  const mqtt::suback packet{pending.packet_id, pending.reasons};
  std::string bytes(encoded_size(packet, session.version), '\0');
  encode(packet, session.version, reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

void answer(proxy_state& state, std::uint32_t subscribe) {
  auto& pending = state.subscribes[subscribe];
  if (auto* session = state.connected(pending.client)) {
    const auto client = pending.client.index;
    if (pending.spread && --session->subscribing == 0) resume(state, client, session::pause_subscribing);
    answer_when_stored(state, client, encode_suback(*session, pending));
    for (const auto& filter : pending.filters) {
      if (filter.filter == filter_table::none) continue;
      // [MQTT-3.3.1-9] to [MQTT-3.3.1-11]
      if (filter.retain_handling == 0 || (filter.retain_handling == 1 && filter.is_new)) {
        begin_scans(state, client, filter);
      } else {
        renew_scans(state, client, filter.filter);
      }
    }
  }
  pending.reasons.clear();
  pending.filters.clear();
  state.subscribes.release(subscribe);
}

void ask_shards(proxy_state& state, std::uint32_t client, std::uint32_t subscribe, const mqtt::subscription& asked,
                std::uint32_t identifier, bool checked) {
  const auto& session = state.sessions[client];
  auto& pending = state.subscribes[subscribe];
  const auto place = static_cast<std::uint32_t>(pending.filters.size());
  pending_filter filter;
  filter.filter = begin_subscription(state, client, asked.filter, checked, &filter.is_new);
  filter.options = {identifier, asked.maximum_qos, asked.no_local || session.bridge,
                    asked.retain_as_published || session.bridge};
  filter.retain_handling = asked.retain_handling;
  filter.unanswered = register_filter(state, filter.filter, session.expiry_s, {subscribe, place, {}});
  pending.filters.push_back(filter);
  if (filter.unanswered > 1 || state.filters[filter.filter].shared) pending.spread = true;
  ++pending.unanswered;
}

// Whether the streams stand where the shards said that they do: what was retained since their answers passed while the
// filter was pending.
bool nothing_came_by(proxy_state& state, const pending_filter& filter) {
  std::uint64_t streamed_to = 0;
  for_each_shard_of(state, state.filters[filter.filter].text.view(),
                    [&](const shard_link& shard) { streamed_to += shard.streamed_to; });
  return streamed_to == filter.ends;
}

// A group gives its messages to whoever has told it that there is room, and drops those of QoS 0 without: the shards
// are asked once more behind that, so that SUBACK keeps its promise for a shared subscription as well.
bool asks_again(proxy_state& state, const pending_subscribe& pending, pending_filter& filter,
                const pending_route& route) {
  const auto* session = state.connected(pending.client);
  if (session == nullptr || session->subscriptions.find(filter.filter) == nullptr) return false;
  if (!state.filters[filter.filter].shared || std::exchange(filter.asked_again, true)) return false;
  credit_changed(state, filter.filter);
  state.asks_again.push_back(route);
  return true;
}

void answer_when_complete(proxy_state& state, std::uint32_t subscribe) {
  if (--state.subscribes[subscribe].unanswered == 0) answer(state, subscribe);
}

// A filter of a session that came back: its subscription goes on already. In a log where it has no position, which was
// made after the session was here, everything is new to it.
void on_restored_route(proxy_state& state, const pending_route& route, shard_link& shard) {
  auto* session = state.connected(route.client);
  const auto* held = session == nullptr ? nullptr : session->subscriptions.find(route.place);
  if (held == nullptr || state.filters[route.place].shared) return;
  const auto& subscriber = state.filters[route.place].subscribers.all()[held->place];
  if (subscriber.maximum_qos == mqtt::qos::at_most_once || session->position_in(shard.id.value) != nullptr) return;
  session->positions.add({0, 0, shard.id.value, session::delivery_stage::behind});
  count_behind(state, *session);
  request_read(state, route.client.index);
}

}  // namespace

void on_subscribe(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto packet = mqtt::decode_subscribe(frame, session.version);
  if (!packet) return close_with_error(state, client, packet.error());
  const auto subscribe = state.subscribes.acquire();
  auto& pending = state.subscribes[subscribe];
  pending.client = state.ref_of(client);
  pending.packet_id = packet->packet_id;
  pending.unanswered = 0;
  pending.spread = false;
  for (const auto& asked : packet->subscriptions) {
    bool checked = true;
    const auto reason = grant(state, session, asked, &checked);
    pending.reasons.push_back(told_reason(state, session.version, reason));
    if (granted(reason)) {
      ask_shards(state, client, subscribe, asked, packet->subscription_identifier, checked);
    } else {
      if (reason == mqtt::reason_code::not_authorized) refuse(state, client, asked.filter);
      pending.filters.emplace_back();
    }
  }
  if (pending.spread) ++session.subscribing;
  if (pending.unanswered == 0) answer(state, subscribe);
}

void on_route_registered(proxy_state& state, const link::route_registered& message) {
  const auto route = state.routes[message.request];
  state.routes.release(message.request);
  auto& shard = *state.shards[message.shard.value];
  shard.streamed_to = std::max(shard.streamed_to, message.end.value);
  if (route.subscribe == pending_route::restored) return on_restored_route(state, route, shard);
  auto& pending = state.subscribes[route.subscribe];
  auto& filter = pending.filters[route.place];
  filter.nothing_retained &= message.nothing_retained;
  filter.ends += message.end.value;
  if (--filter.unanswered > 0) return;
  if (state.connected(pending.client) != nullptr && !filter.asked_again) {
    filter.nothing_retained &= nothing_came_by(state, filter);
    activate_subscription(state, pending.client.index, filter.filter, filter.options);
  }
  if (!asks_again(state, pending, filter, route)) answer_when_complete(state, route.subscribe);
}

void ask_behind_credits(proxy_state& state) {
  for (const auto& route : state.asks_again) {
    const auto& pending = state.subscribes[route.subscribe];
    auto& filter = state.subscribes[route.subscribe].filters[route.place];
    const auto* session = state.connected(pending.client);
    if (session == nullptr || session->subscriptions.find(filter.filter) == nullptr) {
      answer_when_complete(state, route.subscribe);
    } else {
      filter.unanswered = register_filter(state, filter.filter, session->expiry_s, route);
    }
  }
  state.asks_again.clear();
}

}  // namespace headgate::proxy::gateway
