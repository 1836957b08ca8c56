#pragma once

#include <span>
#include <vector>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 3.9. Before MQTT 5 every failure goes out as 0x80 [3.1.1: MQTT-3.9.3-2] and there is no reason string.
struct suback {
  std::uint16_t packet_id = 0;
  std::span<const reason_code> reasons{};
  std::string_view reason_string{};  // empty: none
};

std::size_t encoded_size(const suback& packet, version version);
std::uint8_t* encode(const suback& packet, version version, std::uint8_t* out);

// For clients.
struct decoded_suback {
  std::uint16_t packet_id = 0;
  std::vector<reason_code> reasons{};
  std::string_view reason_string{};  // points into the packet
};
result<decoded_suback> decode_suback(const frame& packet, version version);

}  // namespace headgate::mqtt
