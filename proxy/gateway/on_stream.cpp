#include "base/prefetch.hpp"
#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/events.hpp"

namespace headgate::proxy::gateway {

namespace {

// Entries ahead whose filter, and then whose session, is fetched into the cache.
constexpr std::size_t filters_ahead = 12;
constexpr std::size_t sessions_ahead = 6;

mqtt::qos granted_qos(const subscriber& subscriber, const delivery& delivery) {
  return mqtt::lower(subscriber.maximum_qos, static_cast<mqtt::qos>(delivery.record->qos()));
}

// Sessions bear the mark of the record that was last considered for them; when the marks have gone round, all are
// wiped.
void next_merge_mark(proxy_state& state) {
  if (++state.merge_mark != 0) return;
  for (std::uint32_t client = 0; client < state.sessions.size(); ++client) state.sessions[client].merge_mark = 0;
  state.merge_mark = 1;
}

// Several filters match: a session that holds more than one gets the message once, at the best QoS granted
// (3.1.1 [MQTT-3.3.5-1]; MQTT 5.0, 3.3.4 allows it).
void deliver_merged(proxy_state& state, std::span<const std::uint32_t> filters, delivery& delivery) {
  next_merge_mark(state);
  state.merged.clear();
  for (const auto filter : filters) {
    for (const auto& subscriber : state.filters[filter].subscribers.all()) {
      if (!is_for(state, subscriber, delivery)) continue;
      auto& session = state.sessions[subscriber.session];
      const auto qos = granted_qos(subscriber, delivery);
      if (session.merge_mark == state.merge_mark) {
        if (qos > session.merge_qos) session.merge_qos = qos;
        continue;
      }
      session.merge_mark = state.merge_mark;
      session.merge_qos = qos;
      state.merged.push_back(subscriber.session);
    }
  }
  for (const auto client : state.merged) deliver(state, client, state.sessions[client].merge_qos, delivery);
}

void prefetch(proxy_state& state, std::span<const link::stream_entry> entries, std::span<const std::uint32_t> ids,
              std::size_t at) {
  if (at + filters_ahead < entries.size()) state.filters.prefetch(ids[entries[at + filters_ahead].first_id]);
  if (at + sessions_ahead < entries.size()) {
    const auto subscribers = state.filters[ids[entries[at + sessions_ahead].first_id]].subscribers.all();
    if (!subscribers.empty()) base::prefetch(&state.sessions[subscribers.front().session]);
  }
}

}  // namespace

void on_stream(proxy_state& state, std::span<const link::stream_entry> entries, std::span<const std::uint32_t> ids) {
  for (std::size_t at = 0; at < entries.size(); ++at) {
    prefetch(state, entries, ids, at);
    const auto& entry = entries[at];
    delivery delivery;
    delivery.record = entry.record;
    delivery.place = entry.place;
    if (entry.id_count > 1) {
      deliver_merged(state, ids.subspan(entry.first_id, entry.id_count), delivery);
    } else {
      for (const auto& subscriber : state.filters[ids[entry.first_id]].subscribers.all()) {
        if (is_for(state, subscriber, delivery)) {
          deliver(state, subscriber.session, granted_qos(subscriber, delivery), delivery);
        }
      }
    }
  }
}

}  // namespace headgate::proxy::gateway
