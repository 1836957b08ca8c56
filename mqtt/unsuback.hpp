#pragma once

#include <span>
#include <vector>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 3.11. Before MQTT 5 neither the reasons nor the reason string are sent.
struct unsuback {
  std::uint16_t packet_id = 0;
  std::span<const reason_code> reasons{};
  std::string_view reason_string{};  // empty: none
};

std::size_t encoded_size(const unsuback& packet, version version);
std::uint8_t* encode(const unsuback& packet, version version, std::uint8_t* out);

// For clients.
struct decoded_unsuback {
  std::uint16_t packet_id = 0;
  std::vector<reason_code> reasons{};  // empty before MQTT 5
  std::string_view reason_string{};    // points into the packet
};
result<decoded_unsuback> decode_unsuback(const frame& packet, version version);

}  // namespace headgate::mqtt
