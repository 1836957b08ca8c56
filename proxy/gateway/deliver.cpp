#include "proxy/gateway/deliver.hpp"

#include <cstring>

#include "mqtt/publish.hpp"
#include "proxy/gateway/output.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::delivery_stage;

mqtt::publish_head head_of(const delivery& delivery, mqtt::version version) {
  const auto& record = *delivery.record;
  mqtt::publish_head head;
  head.version = version;
  head.topic = record.topic();
  head.properties = record.properties();
  if (record.expiry_s != mqtt::no_expiry) head.message_expiry_interval_s = record.expiry_s - delivery.age_s;
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

void deliver_qos0(proxy_state& state, std::uint32_t client, delivery& delivery) {
  if (output_full(state, client)) {
    ++state.counters.dropped_output_full;
    return;
  }
  auto& session = state.sessions[client];
  auto& shared = delivery.shared[session.version == mqtt::version::v5 ? 1 : 0];
  if (shared.head.empty()) {
    const auto head = head_of(delivery, session.version);
    shared = write(state, head, encoded_size(head), delivery.record->payload());
  }
  if (shared.head.size() + shared.payload.size() > session.maximum_packet_size) {
    ++state.counters.dropped_too_large;
    return;
  }
  ++state.counters.deliveries_out_qos0;
  add(state, client, shared);
}

}  // namespace

bool is_for(const proxy_state& state, const subscriber& subscriber, const delivery& delivery) {
  if (delivery.place.value < subscriber.start || subscriber.start == unanswered) return false;
  return !subscriber.no_local || state.sessions[subscriber.session].id_hash != delivery.record->publisher_hash;
}

bool deliver_qos1(proxy_state& state, std::uint32_t client, const delivery& delivery) {
  auto& session = state.sessions[client];
  if (session.window_full() || output_full(state, client)) return false;
  session.next = delivery.place.value + 1;
  auto head = head_of(delivery, session.version);
  head.qos = mqtt::qos::at_least_once;
  const auto head_size = encoded_size(head);
  if (head_size + head.payload_size > session.maximum_packet_size) {
    ++state.counters.dropped_too_large;
    return true;
  }
  head.packet_id = session.inflight.push(state.inflight_pool, {delivery.place.value, 0, false});
  ++state.counters.deliveries_out_qos1;
  add(state, client, write(state, head, head_size, delivery.record->payload()));
  return true;
}

void deliver(proxy_state& state, std::uint32_t client, mqtt::qos qos, delivery& delivery) {
  if (state.arena.wants_flush()) {
    flush_all(state);
    delivery.shared = {};  // what was encoded for all is gone with the arena's bytes
  }
  if (qos == mqtt::qos::at_most_once) return deliver_qos0(state, client, delivery);
  auto& session = state.sessions[client];
  if (session.stage != delivery_stage::live || delivery.place.value < session.next) return;
  if (deliver_qos1(state, client, delivery)) return;
  ++state.counters.catching_up;
  session.stage = delivery_stage::catching_up;
  session.next = delivery.place.value;
}

}  // namespace headgate::proxy::gateway
