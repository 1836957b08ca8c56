#pragma once

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 5.0, 3.4 to 3.7): one form for the four. Before MQTT 5 there is neither
// reason nor reason string; in MQTT 5 success is left out where no reason string follows, so that the packet has four
// bytes in every version.
struct acknowledgement {
  packet_type type = packet_type::puback;  // or pubrec, pubrel, pubcomp
  std::uint16_t packet_id = 0;             // never 0
  reason_code reason = reason_code::success;
  std::string_view reason_string{};  // empty: none; at most 65,535 bytes
};

// What one without a reason string takes at most.
inline constexpr std::size_t max_acknowledgement_size = 5;

// Takes a frame of one of the four types, with the reason codes that the standard gives to that type: in MQTT 5 a
// PUBREL or PUBCOMP may say "Packet Identifier not found" (0x92). The view points into the packet.
result<acknowledgement> decode_acknowledgement(const frame& packet, version version);

std::size_t encoded_size(const acknowledgement& packet, version version);
std::uint8_t* encode(const acknowledgement& packet, version version, std::uint8_t* out);

}  // namespace headgate::mqtt
