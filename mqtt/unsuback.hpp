#pragma once

#include <span>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 3.11. In 3.1.1 the reasons are not sent.
struct unsuback {
  std::uint16_t packet_id = 0;
  std::span<const reason_code> reasons{};
};

std::size_t encoded_size(const unsuback& packet, version version);
std::uint8_t* encode(const unsuback& packet, version version, std::uint8_t* out);

}  // namespace headgate::mqtt
