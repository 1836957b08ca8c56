#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace headgate::mqtt {

using base::bytes;

// The Protocol Version byte of CONNECT. 3.1 and 3.1.1 differ in CONNECT and in the flags of some fixed headers only;
// everything else asks whether a version is v5 or not.
enum class version : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

// MQTT 5.0, 2.1.2: the high four bits of a packet's first byte.
enum class packet_type : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

enum class qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

inline qos lower(qos a, qos b) {
  return a < b ? a : b;
}

// Who sent a packet, where the rules for the two sides differ.
enum class sender : std::uint8_t { client, server };

// MQTT 5.0, 1.5.5: what four bytes of seven bits can hold.
inline constexpr std::uint32_t max_remaining_length = 268'435'455;
inline constexpr std::size_t max_fixed_header_size = 5;

// Message Expiry Interval in seconds; this value stands for "never expires" (the property is absent).
inline constexpr std::uint32_t no_expiry = 0xffff'ffff;

}  // namespace headgate::mqtt
