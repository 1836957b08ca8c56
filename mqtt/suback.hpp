#pragma once

#include <span>
#include <vector>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 3.9. In 3.1.1 every failure goes out as 0x80 [MQTT-3.9.3-2].
struct suback {
  std::uint16_t packet_id = 0;
  std::span<const reason_code> reasons{};
};

std::size_t encoded_size(const suback& packet, version version);
std::uint8_t* encode(const suback& packet, version version, std::uint8_t* out);

// For clients.
struct decoded_suback {
  std::uint16_t packet_id = 0;
  std::vector<reason_code> reasons{};
};
result<decoded_suback> decode_suback(const frame& packet, version version);

}  // namespace headgate::mqtt
