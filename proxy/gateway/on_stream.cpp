#include <algorithm>

#include "base/prefetch.hpp"
#include "proxy/gateway/deliver.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/rights.hpp"

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

void merge(proxy_state& state, const subscriber& subscriber, const delivery& delivery) {
  auto& session = state.sessions[subscriber.session];
  if (session.merge_mark != state.merge_mark) {
    session.merge_mark = state.merge_mark;
    session.merge_place = static_cast<std::uint32_t>(state.merged.size());
    state.merged.push_back({subscriber.session, mqtt::qos::at_most_once, false, 0, true});
  }
  auto& merged = state.merged[session.merge_place];
  const auto qos = granted_qos(subscriber, delivery);
  if (qos > merged.qos) merged.qos = qos;
  merged.retain_as_published |= subscriber.retain_as_published;
  if (subscriber.identifier != 0) ++merged.identifiers;
  merged.checked &= is_checked(state, subscriber);
}

// All identifiers of the session's filters that matched; few sessions have any.
void collect_identifiers(proxy_state& state, std::uint32_t client, const delivery& delivery) {
  state.identifiers.clear();
  const auto& subscriptions = state.sessions[client].subscriptions;
  for (const auto filter : delivery.ids) {
    const auto* held = subscriptions.find(filter);
    if (held == nullptr) continue;
    const auto& subscriber = state.filters[filter].subscribers.all()[held->place];
    if (subscriber.identifier == 0 || !is_for(state, subscriber, *delivery.record)) continue;
    state.identifiers.push_back(subscriber.identifier);
  }
}

// Several filters match: a session that holds more than one gets the message once, at the best QoS granted
// (3.1.1 [MQTT-3.3.5-1]; MQTT 5.0, 3.3.4 allows it), with the identifiers of all.
void deliver_merged(proxy_state& state, delivery& delivery) {
  next_merge_mark(state);
  state.merged.clear();
  for (const auto filter : delivery.ids) {
    for (const auto& subscriber : state.filters[filter].subscribers.all()) {
      if (is_for(state, subscriber, *delivery.record)) merge(state, subscriber, delivery);
    }
  }
  for (const auto& merged : state.merged) {
    if (merged.checked && !may_show(state, merged.session, *delivery.record)) continue;
    grant grant{merged.qos, merged.retain_as_published && delivery.record->is_retained(), {}};
    if (merged.identifiers > 0) {
      collect_identifiers(state, merged.session, delivery);
      grant.identifiers = state.identifiers;
    }
    deliver(state, merged.session, grant, delivery);
  }
}

void deliver_to_subscribers(proxy_state& state, std::uint32_t filter, delivery& delivery) {
  for (const auto& subscriber : state.filters[filter].subscribers.all()) {
    if (!is_for(state, subscriber, *delivery.record)) continue;
    if (is_checked(state, subscriber) && !may_show(state, subscriber.session, *delivery.record)) continue;
    grant grant{
        granted_qos(subscriber, delivery), subscriber.retain_as_published && delivery.record->is_retained(), {}};
    if (subscriber.identifier != 0) grant.identifiers = {&subscriber.identifier, 1};
    deliver(state, subscriber.session, grant, delivery);
  }
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

void on_stream(proxy_state& state, const link::stream_batch& message, std::span<const link::stream_entry> entries,
               std::span<const std::uint32_t> ids, const record::batch_ref& batch) {
  state.latencies.begin_stream(message.received_us, deliveries_of(state.counters));
  for (std::size_t at = 0; at < entries.size(); ++at) {
    prefetch(state, entries, ids, at);
    const auto& entry = entries[at];
    delivery delivery;
    delivery.record = entry.record;
    delivery.place = entry.place;
    delivery.shard = message.shard.value;
    delivery.timestamp_ms = batch.header().timestamp_ms;
    delivery.batch = &batch;
    delivery.ids = ids.subspan(entry.first_id, entry.id_count);
    if (entry.id_count > 1) {
      deliver_merged(state, delivery);
    } else {
      deliver_to_subscribers(state, ids[entry.first_id], delivery);
    }
  }
  state.latencies.end_stream(deliveries_of(state.counters));
  auto& shard = *state.shards[message.shard.value];
  shard.streamed_to = std::max(shard.streamed_to, message.to.value);
}

void on_stream_progress(proxy_state& state, const link::stream_progress& message) {
  auto& shard = *state.shards[message.shard.value];
  shard.streamed_to = std::max(shard.streamed_to, message.to.value);
}

}  // namespace headgate::proxy::gateway
