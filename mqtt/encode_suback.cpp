#include "mqtt/properties.hpp"
#include "mqtt/suback.hpp"

namespace headgate::mqtt {
namespace {

std::uint32_t properties_size(const suback& packet) {
  return static_cast<std::uint32_t>(packet.reason_string.empty() ? 0 : property_size(packet.reason_string));
}

std::size_t remaining_length(const suback& packet, version version) {
  const std::uint32_t properties = properties_size(packet);
  return 2 + (version == version::v5 ? variable_byte_integer_size(properties) + properties : 0) + packet.reasons.size();
}

}  // namespace

std::size_t encoded_size(const suback& packet, version version) {
  return packet_size(remaining_length(packet, version));
}

std::uint8_t* encode(const suback& packet, version version, std::uint8_t* out) {
  out = write_fixed_header(out, packet_type::suback, 0, remaining_length(packet, version));
  out = write_u16(out, packet.packet_id);
  if (version == version::v5) {
    out = write_variable_byte_integer(out, properties_size(packet));
    if (!packet.reason_string.empty()) out = write_property(out, property_id::reason_string, packet.reason_string);
  }
  for (const reason_code reason : packet.reasons) {
    const auto code = static_cast<std::uint8_t>(reason);
    *out++ = version != version::v5 && code >= 0x80 ? std::uint8_t{0x80} : code;
  }
  return out;
}

}  // namespace headgate::mqtt
