#pragma once

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// A received PUBLISH (MQTT 5.0, 3.3). The views point into the packet.
struct publish_view {
  mqtt::qos qos{};
  bool dup = false;
  bool retain = false;
  std::uint16_t packet_id = 0;  // 0 at QoS 0
  std::string_view topic{};     // empty only with a Topic Alias
  bytes payload{};
  bytes properties{};             // all, as in the packet, without the length; empty in 3.1.1
  std::uint16_t topic_alias = 0;  // 0: none
  std::uint32_t message_expiry_interval_s = no_expiry;
  // Whether `properties` holds one that is not passed on as it is (Topic Alias, Message Expiry Interval, Subscription
  // Identifier): copy with copy_forwarded_properties() instead of as a whole.
  bool properties_need_filter = false;
};

// Decodes a PUBLISH sent by a client (which may not carry a Subscription Identifier) or by a server.
result<publish_view> decode_publish(const frame& packet, version version, sender sender = sender::client);

// Writes what of `properties` (well-formed, as from decode_publish) travels unchanged to subscribers [MQTT-3.3.2-17 to
// -20]: all but Topic Alias, Message Expiry Interval and Subscription Identifier. At most properties.size() bytes;
// returns the end.
std::uint8_t* copy_forwarded_properties(bytes properties, std::uint8_t* out);

// A PUBLISH up to its payload.
struct publish_head {
  mqtt::version version = mqtt::version::v5;
  mqtt::qos qos{};
  bool dup = false;
  bool retain = false;
  std::uint16_t packet_id = 0;
  std::string_view topic{};
  bytes properties{};                                   // to be sent as they are; left out in 3.1.1
  std::uint32_t message_expiry_interval_s = no_expiry;  // sent as a property in MQTT 5 unless no_expiry
  std::size_t payload_size = 0;
};

// Bytes before the payload; the whole packet has payload_size more.
std::size_t encoded_size(const publish_head& head);
std::uint8_t* encode(const publish_head& head, std::uint8_t* out);

}  // namespace headgate::mqtt
