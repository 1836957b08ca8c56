#include "mqtt/properties.hpp"
#include "mqtt/unsuback.hpp"

namespace headgate::mqtt {
namespace {

std::uint32_t properties_size(const unsuback& packet) {
  return static_cast<std::uint32_t>(packet.reason_string.empty() ? 0 : property_size(packet.reason_string));
}

std::size_t remaining_length(const unsuback& packet, version version) {
  if (version != version::v5) return 2;
  const std::uint32_t properties = properties_size(packet);
  return 2 + variable_byte_integer_size(properties) + properties + packet.reasons.size();
}

}  // namespace

std::size_t encoded_size(const unsuback& packet, version version) {
  return packet_size(remaining_length(packet, version));
}

std::uint8_t* encode(const unsuback& packet, version version, std::uint8_t* out) {
  out = write_fixed_header(out, packet_type::unsuback, 0, remaining_length(packet, version));
  out = write_u16(out, packet.packet_id);
  if (version != version::v5) return out;
  out = write_variable_byte_integer(out, properties_size(packet));
  if (!packet.reason_string.empty()) out = write_property(out, property_id::reason_string, packet.reason_string);
  for (const reason_code reason : packet.reasons) *out++ = static_cast<std::uint8_t>(reason);
  return out;
}

}  // namespace headgate::mqtt
