#pragma once

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 3.4. In 3.1.1 there is no reason; in MQTT 5 success is left out, so that the packet has four bytes in both.
struct puback {
  std::uint16_t packet_id = 0;
  reason_code reason = reason_code::success;
};

inline constexpr std::size_t max_puback_size = 5;

result<puback> decode_puback(const frame& packet, version version);
std::uint8_t* encode(const puback& packet, version version, std::uint8_t* out);  // at most max_puback_size bytes

}  // namespace headgate::mqtt
