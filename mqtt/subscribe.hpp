#pragma once

#include <vector>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 3.8.3.1. Before MQTT 5 only the QoS is set.
struct subscription {
  std::string_view filter{};
  qos maximum_qos{};
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;
};

// MQTT 5.0, 3.8. The views point into the packet.
struct subscribe {
  std::uint16_t packet_id = 0;
  std::uint32_t subscription_identifier = 0;  // 0: none
  std::vector<subscription> subscriptions{};
};

// Filters are checked UTF-8 and valid by [MQTT-4.7]; one that is not ends the packet with errc::filter_invalid.
result<subscribe> decode_subscribe(const frame& packet, version version);

std::size_t encoded_size(const subscribe& packet, version version);
std::uint8_t* encode(const subscribe& packet, version version, std::uint8_t* out);

}  // namespace headgate::mqtt
