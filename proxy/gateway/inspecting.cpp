#include "proxy/gateway/inspecting.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "mqtt/topic.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/storing.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

std::uint32_t end_of_step(std::uint32_t place, std::uint32_t places) {
  return place < places ? place + std::min(base::inspect_steps, places - place) : places;
}

inspection outcome(std::uint32_t place, std::uint32_t places) {
  return place >= places ? inspection::done : inspection::goes_on;
}

session::subscription_view view_subscription(const filter_entry& filter, const subscriber& subscriber) {
  return {std::string(filter.text.view()), static_cast<std::uint8_t>(subscriber.maximum_qos), subscriber.no_local,
          subscriber.retain_as_published, subscriber.identifier};
}

std::uint64_t holders_of(const filter_entry& filter) {
  const auto all = filter.subscribers.all();
  return static_cast<std::uint64_t>(
      std::count_if(all.begin(), all.end(), [](const subscriber& each) { return !each.pending; }));
}

bool filter_matches(const filter_entry& filter, std::string_view topic) {
  const auto text = filter.text.view();
  if (!filter.shared) return mqtt::matches(text, topic);
  const auto parts = mqtt::split_shared_filter(text);
  return parts && mqtt::matches(parts->filter, topic);
}

void keep_most_subscribed(std::vector<held_by>& found) {
  if (found.size() <= base::inspected_at_most) return;
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(base::inspected_at_most);
  std::nth_element(found.begin(), end, found.end(),
                   [](const held_by& a, const held_by& b) { return a.subscribers > b.subscribers; });
  found.erase(end, found.end());
}

}  // namespace

inspection list_clients(const proxy_state& state, std::uint32_t* place, std::string_view prefix, std::size_t limit,
                        std::vector<session::client_view>& found) {
  const auto end = end_of_step(*place, state.sessions.size());
  limit = std::min(limit, found.size() + base::inspected_per_step);
  for (; *place < end && found.size() < limit; ++*place) {
    const auto& session = state.sessions[*place];
    if (session.state != connection_state::connected || !session.id.view().starts_with(prefix)) continue;
    found.push_back(view_client(state, *place));
  }
  return outcome(*place, state.sessions.size());
}

inspection find_client(const proxy_state& state, std::uint32_t* place, std::string_view id,
                       std::optional<std::uint32_t>* found) {
  const auto hash = base::hash_of(id);
  const auto end = end_of_step(*place, state.sessions.size());
  for (; *place < end; ++*place) {
    const auto& session = state.sessions[*place];
    // The hash first: of most sessions nothing else is touched.
    if (session.id_hash != hash || session.state != connection_state::connected || session.id.view() != id) continue;
    *found = *place;
    return inspection::done;
  }
  return outcome(*place, state.sessions.size());
}

session::client_view view_client(const proxy_state& state, std::uint32_t client) {
  const auto& session = state.sessions[client];
  const auto* more = session.more.get();
  session::client_view view;
  view.id = session.id.view();
  if (more != nullptr) view.user_name = more->user_name;
  view.address = state.ports.clients.peer_of(client);
  view.listener = state.ports.clients.entrance_of(client).listener;
  view.protocol_version = static_cast<std::uint8_t>(session.version);
  view.bridge = session.bridge;
  view.keep_alive_s = session.keep_alive_s;
  view.session_expiry_s = session.expiry_s;
  view.connected_s = state.now_s() - session.connected_at_s;
  view.silent_s = state.now_s() - session.last_heard_s;
  view.subscriptions = session.subscriptions.size();
  view.inflight = session.inflight.count();
  view.window = session.window;
  if (more != nullptr && more->waiting) view.waiting = static_cast<std::uint32_t>(more->waiting->size());
  view.unanswered = session.unanswered;
  view.output_pending_bytes = session.pending_bytes;
  view.behind = session.behind;
  view.has_will = more != nullptr && more->will;
  return view;
}

session::client_details describe_client(const proxy_state& state, std::uint32_t client) {
  const auto& session = state.sessions[client];
  session::client_details details;
  details.client = view_client(state, client);
  const auto held = session.subscriptions.all();
  for (const auto& each : held.first(std::min(held.size(), base::inspected_at_most))) {
    const auto& filter = state.filters[each.filter];
    details.subscriptions.push_back(view_subscription(filter, filter.subscribers.all()[each.place]));
  }
  for (const auto& position : session.positions.all()) {
    details.positions.push_back({position.shard, next_of(state, position), state.shards[position.shard]->streamed_to,
                                 position.stage == session::delivery_stage::behind});
  }
  return details;
}

void kick_client(proxy_state& state, std::uint32_t client) {
  close_with_reason(state, client, mqtt::reason_code::administrative_action, "closed by an operator", ended_by::kick);
}

inspection match_filters(const proxy_state& state, std::uint32_t* place, std::string_view topic,
                         std::vector<held_by>& found) {
  const auto end = end_of_step(*place, state.filters.places());
  for (; *place < end; ++*place) {
    const auto& filter = state.filters[*place];
    // One that nobody holds keeps its text until the shards have forgotten it.
    if (filter.subscribers.empty() || !filter_matches(filter, topic)) continue;
    const auto holders = holders_of(filter);
    if (holders > 0) found.push_back({std::string(filter.text.view()), holders});
  }
  keep_most_subscribed(found);
  return outcome(*place, state.filters.places());
}

}  // namespace headgate::proxy::gateway
