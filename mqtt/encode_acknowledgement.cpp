#include "mqtt/acknowledgement.hpp"
#include "mqtt/properties.hpp"

namespace headgate::mqtt {
namespace {

std::uint32_t properties_size(const acknowledgement& packet) {
  return static_cast<std::uint32_t>(packet.reason_string.empty() ? 0 : property_size(packet.reason_string));
}

// 3.4.2.1 and 3.4.2.2.1: properties are left out where there are none, and then success as well.
std::size_t remaining_length(const acknowledgement& packet, version version) {
  if (version != version::v5) return 2;
  const std::uint32_t properties = properties_size(packet);
  if (properties != 0) return 3 + variable_byte_integer_size(properties) + properties;
  return packet.reason == reason_code::success ? 2 : 3;
}

}  // namespace

std::size_t encoded_size(const acknowledgement& packet, version version) {
  return packet_size(remaining_length(packet, version));
}

std::uint8_t* encode(const acknowledgement& packet, version version, std::uint8_t* out) {
  const std::size_t length = remaining_length(packet, version);
  // [MQTT-3.6.1-1]: the flags of PUBREL.
  const std::uint8_t flags = packet.type == packet_type::pubrel ? 0x02 : 0;
  out = write_fixed_header(out, packet.type, flags, length);
  out = write_u16(out, packet.packet_id);
  if (length == 2) return out;
  *out++ = static_cast<std::uint8_t>(packet.reason);
  if (length == 3) return out;
  out = write_variable_byte_integer(out, properties_size(packet));
  return write_property(out, property_id::reason_string, packet.reason_string);
}

}  // namespace headgate::mqtt
