#include "mqtt/disconnect.hpp"
#include "mqtt/properties.hpp"

namespace headgate::mqtt {
namespace {

std::uint32_t properties_size(const disconnect& packet) {
  std::size_t size = 0;
  if (packet.session_expiry_interval_s) size += property_size(*packet.session_expiry_interval_s);
  if (!packet.reason_string.empty()) size += property_size(packet.reason_string);
  if (!packet.server_reference.empty()) size += property_size(packet.server_reference);
  return static_cast<std::uint32_t>(size);
}

// 3.14.2.1 and 3.14.2.2.1: properties are left out where there are none, and then success as well.
std::size_t remaining_length(const disconnect& packet, version version) {
  if (version != version::v5) return 0;
  const std::uint32_t properties = properties_size(packet);
  if (properties != 0) return 1 + variable_byte_integer_size(properties) + properties;
  return packet.reason == reason_code::success ? 0 : 1;
}

}  // namespace

std::size_t encoded_size(const disconnect& packet, version version) {
  return packet_size(remaining_length(packet, version));
}

std::uint8_t* encode(const disconnect& packet, version version, std::uint8_t* out) {
  const std::size_t length = remaining_length(packet, version);
  out = write_fixed_header(out, packet_type::disconnect, 0, length);
  if (length == 0) return out;
  *out++ = static_cast<std::uint8_t>(packet.reason);
  if (length == 1) return out;
  out = write_variable_byte_integer(out, properties_size(packet));
  if (packet.session_expiry_interval_s) {
    out = write_property(out, property_id::session_expiry_interval, *packet.session_expiry_interval_s);
  }
  if (!packet.reason_string.empty()) out = write_property(out, property_id::reason_string, packet.reason_string);
  if (!packet.server_reference.empty()) {
    out = write_property(out, property_id::server_reference, packet.server_reference);
  }
  return out;
}

}  // namespace headgate::mqtt
