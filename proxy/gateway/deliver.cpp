#include "proxy/gateway/deliver.hpp"

#include <cstring>

#include "mqtt/publish.hpp"
#include "mqtt/topic.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/rights.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/topic_aliases.hpp"
#include "proxy/gateway/waiting.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::delivery_stage;

mqtt::publish_head head_of(const delivery& delivery, mqtt::version version, const grant& grant) {
  const auto& record = *delivery.record;
  mqtt::publish_head head;
  head.version = version;
  head.qos = grant.qos;
  head.retain = grant.retain;
  head.topic = record.topic();
  head.properties = record.properties();
  head.subscription_identifiers = grant.identifiers;
  if (record.expiry_s != mqtt::no_expiry) {
    head.message_expiry_interval_s = record.expiry_s > delivery.age_s ? record.expiry_s - delivery.age_s : 0;
  }
  head.payload_size = record.payload().size();
  return head;
}

// Writes the head, and behind it a payload that is small enough to be copied; a larger one is sent from the record.
delivery::shared_encoding write(proxy_state& state, const mqtt::publish_head& head, std::size_t head_size,
                                base::bytes payload) {
  ++state.counters.encodings;
  const bool copied = payload.size() < base::referenced_payload_bytes;
  auto* begin = state.arena.reserve(head_size + (copied ? payload.size() : 0));
  auto* end = mqtt::encode(head, begin);
  if (copied && !payload.empty()) {
    std::memcpy(end, payload.data(), payload.size());
    end += payload.size();
  }
  state.arena.take(end);
  return {{begin, end}, copied ? base::bytes{} : payload};
}

void add(proxy_state& state, std::uint32_t client, const delivery::shared_encoding& encoding) {
  add_output(state, client, encoding.head, output::delivery);
  if (!encoding.payload.empty()) add_output(state, client, encoding.payload, output::delivery);
}

bool too_large(proxy_state& state, const session::session& session, std::size_t size) {
  if (size <= session.maximum_packet_size) return false;
  ++state.counters.dropped_too_large;
  return true;
}

// Behind messages that wait for the store.
void deliver_qos0_behind(proxy_state& state, std::uint32_t client, const grant& grant, const delivery& delivery) {
  auto& session = state.sessions[client];
  const auto head = head_of(delivery, session.version, grant);
  if (too_large(state, session, encoded_size(head) + head.payload_size)) return;
  ++state.counters.deliveries_out_qos0;
  state.counters.publish_bytes_out += head.payload_size;
  deliver_when_stored(state, client, head, delivery.record->payload());
}

// For a client with topic aliases of its own, or with Subscription Identifiers: nobody shares this.
void deliver_qos0_alone(proxy_state& state, std::uint32_t client, const grant& grant, const delivery& delivery) {
  auto& session = state.sessions[client];
  auto head = head_of(delivery, session.version, grant);
  const auto alias = use_alias(session, head);
  const auto head_size = encoded_size(head);
  if (too_large(state, session, head_size + head.payload_size)) return;
  keep_alias(session, alias, delivery.record->topic());
  ++state.counters.deliveries_out_qos0;
  state.counters.publish_bytes_out += head.payload_size;
  add(state, client, write(state, head, head_size, delivery.record->payload()));
}

}  // namespace

delivery delivery_of(const proxy_state& state, const link::stream_entry& entry, base::shard_id shard,
                     std::uint64_t timestamp_ms) {
  delivery delivery;
  delivery.record = entry.record;
  delivery.place = entry.place;
  delivery.shard = shard.value;
  delivery.timestamp_ms = timestamp_ms;
  const auto now_ms = state.now.wall.value;
  delivery.age_s = static_cast<std::uint32_t>(now_ms > timestamp_ms ? (now_ms - timestamp_ms) / 1000 : 0);
  return delivery;
}

std::optional<grant> grant_of(proxy_state& state, std::uint32_t client, const delivery& delivery,
                              std::span<const std::uint32_t> ids) {
  const auto& session = state.sessions[client];
  std::optional<grant> best;
  bool checked = true;
  state.identifiers.clear();
  for (const auto id : ids) {
    const auto* held = session.subscriptions.find(id);
    if (held == nullptr || state.filters[id].shared) continue;
    // What waited long may name a filter that is gone, by a number that another one has now.
    if (!mqtt::matches(state.filters[id].text.view(), delivery.record->topic())) continue;
    const auto& subscriber = state.filters[id].subscribers.all()[held->place];
    if (!is_for(state, subscriber, *delivery.record) || starts_later(session, id, delivery)) continue;
    if (!best) best.emplace();
    const auto qos = mqtt::lower(subscriber.maximum_qos, static_cast<mqtt::qos>(delivery.record->qos()));
    if (qos > best->qos) best->qos = qos;
    best->retain |= subscriber.retain_as_published && delivery.record->is_retained();
    if (subscriber.identifier != 0) state.identifiers.push_back(subscriber.identifier);
    checked &= is_checked(state, subscriber);
  }
  if (best && checked && !may_show(state, client, *delivery.record)) return std::nullopt;
  if (best) best->identifiers = state.identifiers;
  return best;
}

void deliver_qos0(proxy_state& state, std::uint32_t client, const grant& grant, delivery& delivery) {
  if (output_full(state, client)) {
    ++state.counters.dropped_output_full;
    return;
  }
  auto& session = state.sessions[client];
  if (waits_for_store(session, mqtt::qos::at_most_once)) return deliver_qos0_behind(state, client, grant, delivery);
  if (!grant.identifiers.empty() || has_aliases(session)) return deliver_qos0_alone(state, client, grant, delivery);
  const bool v5 = session.version == mqtt::version::v5;
  auto& shared = delivery.shared[(v5 ? 1U : 0U) + (grant.retain ? 2U : 0U)];
  if (shared.head.empty()) {
    const auto head = head_of(delivery, session.version, grant);
    shared = write(state, head, encoded_size(head), delivery.record->payload());
  }
  if (too_large(state, session, shared.head.size() + shared.payload.size())) return;
  ++state.counters.deliveries_out_qos0;
  state.counters.publish_bytes_out += delivery.record->payload().size();
  add(state, client, shared);
}

bool has_room(proxy_state& state, std::uint32_t client) {
  return !state.sessions[client].window_full() && !output_full(state, client);
}

bool send_above_qos0(proxy_state& state, std::uint32_t client, const grant& grant, const delivery& delivery) {
  auto& session = state.sessions[client];
  if (!has_room(state, client)) return false;
  auto head = head_of(delivery, session.version, grant);
  const bool waits = waits_for_store(session, grant.qos);
  // One that never goes out, as new rules forbid it, must not have brought an alias.
  const auto alias = waits ? std::uint16_t{0} : use_alias(session, head);
  head.packet_id = 1;  // any: its size is the same
  const auto head_size = encoded_size(head);
  if (too_large(state, session, head_size + head.payload_size)) return true;
  keep_alias(session, alias, delivery.record->topic());
  session::inflight_slot slot;
  slot.offset = delivery.place.value;
  slot.group = grant.group;
  slot.shard = delivery.shard;
  slot.tick = state.silence.tick & 7U;
  slot.qos = static_cast<std::uint8_t>(grant.qos) & 3U;
  slot.retain = grant.retain;
  head.packet_id = session.inflight.push(state.inflight_pool, slot);
  ++(grant.qos == mqtt::qos::at_least_once ? state.counters.deliveries_out_qos1 : state.counters.deliveries_out_qos2);
  state.counters.publish_bytes_out += head.payload_size;
  if (waits) {
    deliver_when_stored(state, client, head, delivery.record->payload());
  } else {
    add(state, client, write(state, head, head_size, delivery.record->payload()));
  }
  return true;
}

bool fits(proxy_state& state, std::uint32_t client, const grant& grant, const delivery& delivery) {
  const auto& session = state.sessions[client];
  auto head = head_of(delivery, session.version, grant);
  head.packet_id = 1;  // any: its size is the same
  return !too_large(state, session, encoded_size(head) + head.payload_size);
}

void send_again(proxy_state& state, std::uint32_t client, const grant& grant, std::uint16_t packet_id,
                const delivery& delivery) {
  const auto& session = state.sessions[client];
  auto head = head_of(delivery, session.version, grant);
  head.dup = true;
  head.packet_id = packet_id;
  ++state.counters.deliveries_repeated;
  state.counters.publish_bytes_out += head.payload_size;
  add(state, client, write(state, head, encoded_size(head), delivery.record->payload()));
}

void deliver(proxy_state& state, std::uint32_t client, const grant& grant, delivery& delivery) {
  if (state.arena.wants_flush()) {
    flush_all(state);
    delivery.shared = {};  // what was encoded for all is gone with the arena's bytes
  }
  if (grant.qos == mqtt::qos::at_most_once) return deliver_qos0(state, client, grant, delivery);
  auto& session = state.sessions[client];
  auto* position = session.position_in(delivery.shard);
  // Its subscription is being raised above QoS 0, and has no start there yet.
  if (position == nullptr) {
    auto lowered = grant;
    lowered.qos = mqtt::qos::at_most_once;
    return deliver_qos0(state, client, lowered, delivery);
  }
  if (position->stage != delivery_stage::live || delivery.place.value < position->seen) return;
  if (session.waits || !send_above_qos0(state, client, grant, delivery)) {
    return wait_in_line(state, client, *position, delivery);
  }
  position->next = position->seen = delivery.place.value + 1;
}

}  // namespace headgate::proxy::gateway
