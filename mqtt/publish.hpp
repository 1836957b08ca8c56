#pragma once

#include <span>
#include <vector>

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
  bytes properties{};             // all, as in the packet, without the length; empty before MQTT 5
  std::uint16_t topic_alias = 0;  // 0: none
  std::uint32_t message_expiry_interval_s = no_expiry;
  // Whether `properties` holds one that is not passed on as it is (Topic Alias, Message Expiry Interval, Subscription
  // Identifier): copy with copy_forwarded_properties() instead of as a whole.
  bool properties_need_filter = false;
};

// Decodes a PUBLISH sent by a client (which may not carry a Subscription Identifier) or by a server.
result<publish_view> decode_publish(const frame& packet, version version, sender sender = sender::client);

// For clients: the Subscription Identifiers among `properties` (well-formed, as from decode_publish), in their order.
std::vector<std::uint32_t> subscription_identifiers_of(bytes properties);

// Writes what of `properties` (well-formed, as from decode_publish or of a will from decode_connect) travels unchanged
// to subscribers [MQTT-3.3.2-17 to -20]: all but Topic Alias, Message Expiry Interval, Subscription Identifier and Will
// Delay Interval. At most properties.size() bytes; returns the end.
std::uint8_t* copy_forwarded_properties(bytes properties, std::uint8_t* out);
// How many bytes that writes.
std::size_t forwarded_properties_size(bytes properties);

// A PUBLISH up to its payload. What only MQTT 5 knows is left out before it.
struct publish_head {
  mqtt::version version = mqtt::version::v5;
  mqtt::qos qos{};
  bool dup = false;
  bool retain = false;
  std::uint16_t packet_id = 0;
  std::string_view topic{};                                   // empty only with a topic alias that is known already
  bytes properties{};                                         // to be sent as they are
  std::uint32_t message_expiry_interval_s = no_expiry;        // sent as a property unless no_expiry
  std::uint16_t topic_alias = 0;                              // 0: none
  std::span<const std::uint32_t> subscription_identifiers{};  // each 1 to 268,435,455; one property each
  std::size_t payload_size = 0;
};

// Bytes before the payload; the whole packet has payload_size more.
std::size_t encoded_size(const publish_head& head);
std::uint8_t* encode(const publish_head& head, std::uint8_t* out);

}  // namespace headgate::mqtt
