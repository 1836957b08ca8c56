#include "mqtt/framing.hpp"

#include <array>

namespace headgate::mqtt {
namespace {

// By packet type: bit n is set where the flags n are allowed. No flags go with the reserved type 0. PUBLISH takes all
// here: which of them go together is decode_publish()'s to say.
constexpr std::array<std::uint16_t, 16> allowed_flags = [] {
  std::array<std::uint16_t, 16> allowed{};
  for (std::size_t type = 1; type < allowed.size(); ++type) allowed[type] = 1U << 0;
  allowed[static_cast<std::size_t>(packet_type::publish)] = 0xffff;
  for (const packet_type type : {packet_type::pubrel, packet_type::subscribe, packet_type::unsubscribe}) {
    allowed[static_cast<std::size_t>(type)] = 1U << 2;
  }
  return allowed;
}();

// MQTT 3.1, 2.1: DUP goes with every packet that has a QoS above 0, which these three have.
bool is_repeat_of_3_1(unsigned type, unsigned flags) {
  return flags == 0xa && (allowed_flags[type] & 1U << 2) != 0 && allowed_flags[type] != 0xffff;
}

frame_outcome malformed(errc error) {
  frame_outcome outcome;
  outcome.what = frame_outcome::kind::malformed;
  outcome.error = error;
  return outcome;
}

}  // namespace

frame_outcome next_frame(bytes input, std::uint32_t maximum_size, version version) {
  frame_outcome outcome;
  if (input.empty()) return outcome;
  const unsigned type = input[0] >> 4;
  const unsigned flags = input[0] & 0xf;
  if ((allowed_flags[type] >> flags & 1) == 0 && !(version == version::v3_1 && is_repeat_of_3_1(type, flags))) {
    return malformed(type == 0 ? errc::reserved_packet_type : errc::reserved_flags);
  }
  std::uint32_t length = 0;
  std::size_t header = 1;
  for (unsigned shift = 0;; shift += 7) {
    if (header == input.size()) return outcome;
    const std::uint8_t byte = input[header++];
    length |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte == 0 && header > 2 && version == version::v5) return malformed(errc::variable_byte_integer_malformed);
      break;
    }
    if (header == max_fixed_header_size) return malformed(errc::remaining_length_too_long);
  }
  outcome.size = header + length;
  if (outcome.size > maximum_size) return malformed(errc::packet_too_large);
  if (outcome.size > input.size()) return outcome;
  outcome.what = frame_outcome::kind::complete;
  outcome.packet = {static_cast<packet_type>(type), static_cast<std::uint8_t>(flags), input.subspan(header, length)};
  return outcome;
}

}  // namespace headgate::mqtt
