#pragma once

#include <vector>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 3.10. The views point into the packet; the filters are checked as in SUBSCRIBE.
struct unsubscribe {
  std::uint16_t packet_id = 0;
  std::vector<std::string_view> filters{};
};

result<unsubscribe> decode_unsubscribe(const frame& packet, version version);

std::size_t encoded_size(const unsubscribe& packet, version version);
std::uint8_t* encode(const unsubscribe& packet, version version, std::uint8_t* out);

}  // namespace headgate::mqtt
