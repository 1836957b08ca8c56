#include "mqtt/properties.hpp"
#include "mqtt/unsuback.hpp"

namespace headgate::mqtt {
namespace {

std::size_t remaining_length(const unsuback& packet, version version) {
  return version == version::v5 ? 2 + 1 + packet.reasons.size() : 2;
}

}  // namespace

std::size_t encoded_size(const unsuback& packet, version version) {
  return packet_size(remaining_length(packet, version));
}

std::uint8_t* encode(const unsuback& packet, version version, std::uint8_t* out) {
  out = write_fixed_header(out, packet_type::unsuback, 0, remaining_length(packet, version));
  out = write_u16(out, packet.packet_id);
  if (version != version::v5) return out;
  *out++ = 0;  // no properties
  for (const reason_code reason : packet.reasons) *out++ = static_cast<std::uint8_t>(reason);
  return out;
}

}  // namespace headgate::mqtt
