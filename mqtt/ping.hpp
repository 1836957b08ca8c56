#pragma once

#include <array>
#include <cstdint>

namespace headgate::mqtt {

// MQTT 5.0, 3.12 and 3.13: two bytes each.
inline constexpr std::array<std::uint8_t, 2> pingreq{0xc0, 0x00};
inline constexpr std::array<std::uint8_t, 2> pingresp{0xd0, 0x00};

}  // namespace headgate::mqtt
