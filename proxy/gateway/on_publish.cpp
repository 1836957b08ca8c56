#include "base/hash.hpp"
#include "mqtt/publish.hpp"
#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/subscribing.hpp"
#include "shard-router/slot.hpp"

namespace headgate::proxy::gateway {

namespace {

// What the CONNACK of MQTT 5 excluded, and MQTT 3.1.1 cannot be told. True when the client was closed.
bool refused(proxy_state& state, std::uint32_t client, const mqtt::publish_view& packet) {
  if (packet.qos == mqtt::qos::exactly_once) {
    close_with_reason(state, client, mqtt::reason_code::qos_not_supported,
                      "QoS 2 is not supported yet: publish with QoS 1", blame::client);
    return true;
  }
  if (packet.topic_alias != 0) {
    close_with_reason(state, client, mqtt::reason_code::topic_alias_invalid,
                      "Topic Alias above the Topic Alias Maximum of 0 [MQTT-3.3.2-9]", blame::client);
    return true;
  }
  if (packet.retain && state.sessions[client].version == mqtt::version::v5) {
    close_with_reason(state, client, mqtt::reason_code::retain_not_supported,
                      "retained messages are not supported yet: publish without RETAIN", blame::client);
    return true;
  }
  return false;
}

// All properties in one piece where they may stay as they came, else a copy of those that travel.
base::bytes forwarded_properties(proxy_state& state, const mqtt::publish_view& packet) {
  if (!packet.properties_need_filter) return packet.properties;
  auto& scratch = state.forwarded_properties;
  if (scratch.size() < packet.properties.size()) scratch.resize(packet.properties.size());
  const auto* end = mqtt::copy_forwarded_properties(packet.properties, scratch.data());
  return {scratch.data(), end};
}

}  // namespace

void on_publish(proxy_state& state, std::uint32_t client, const mqtt::frame& frame) {
  auto& session = state.sessions[client];
  const auto decoded = mqtt::decode_publish(frame, session.version);
  if (!decoded) return close_with_error(state, client, decoded.error());
  const auto& packet = *decoded;
  if (refused(state, client, packet)) return;
  if (packet.retain) ++state.counters.retain_ignored;

  record::message message;
  message.topic = packet.topic;
  message.topic_hash = base::hash_of(packet.topic);
  message.publisher_hash = session.id_hash;
  message.flags = static_cast<std::uint8_t>(packet.qos);
  message.expiry_s = packet.message_expiry_interval_s;
  message.properties = forwarded_properties(state, packet);
  message.payload = packet.payload;

  const auto shard_id = state.shard_map.shard_of(shard_router::slot_of(message.topic_hash));
  auto& shard = *state.shards[shard_id.value];
  if (!shard.builder.fits(record::batch_builder::size_of(message))) seal_batch(state, shard);
  shard.builder.add(message);
  if (packet.qos == mqtt::qos::at_most_once) {
    ++state.counters.publishes_in_qos0;
    return;
  }
  ++state.counters.publishes_in_qos1;
  shard.unacknowledged.push_back({{client, session.generation}, packet.packet_id});
}

}  // namespace headgate::proxy::gateway
