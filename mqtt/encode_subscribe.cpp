#include "mqtt/properties.hpp"
#include "mqtt/subscribe.hpp"

namespace headgate::mqtt {
namespace {

std::uint32_t properties_size(const subscribe& packet) {
  if (packet.subscription_identifier == 0) return 0;
  return static_cast<std::uint32_t>(1 + variable_byte_integer_size(packet.subscription_identifier));
}

std::size_t remaining_length(const subscribe& packet, version version) {
  std::size_t size = 2;
  if (version == version::v5) size += 1 + properties_size(packet);
  for (const subscription& each : packet.subscriptions) size += 2 + each.filter.size() + 1;
  return size;
}

std::uint8_t options_of(const subscription& each, version version) {
  auto options = static_cast<unsigned>(each.maximum_qos);
  if (version == version::v5) options |= each.no_local << 2 | each.retain_as_published << 3 | each.retain_handling << 4;
  return static_cast<std::uint8_t>(options);
}

}  // namespace

std::size_t encoded_size(const subscribe& packet, version version) {
  return packet_size(remaining_length(packet, version));
}

std::uint8_t* encode(const subscribe& packet, version version, std::uint8_t* out) {
  out = write_fixed_header(out, packet_type::subscribe, 0x02, remaining_length(packet, version));
  out = write_u16(out, packet.packet_id);
  if (version == version::v5) {
    out = write_variable_byte_integer(out, properties_size(packet));
    if (packet.subscription_identifier != 0) {
      *out++ = static_cast<std::uint8_t>(property_id::subscription_identifier);
      out = write_variable_byte_integer(out, packet.subscription_identifier);
    }
  }
  for (const subscription& each : packet.subscriptions) {
    out = write_string(out, each.filter);
    *out++ = options_of(each, version);
  }
  return out;
}

}  // namespace headgate::mqtt
