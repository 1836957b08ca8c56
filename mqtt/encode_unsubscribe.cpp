#include "mqtt/properties.hpp"
#include "mqtt/unsubscribe.hpp"

namespace headgate::mqtt {
namespace {

std::size_t remaining_length(const unsubscribe& packet, version version) {
  std::size_t size = version == version::v5 ? 3 : 2;
  for (const std::string_view filter : packet.filters) size += 2 + filter.size();
  return size;
}

}  // namespace

std::size_t encoded_size(const unsubscribe& packet, version version) {
  return packet_size(remaining_length(packet, version));
}

std::uint8_t* encode(const unsubscribe& packet, version version, std::uint8_t* out) {
  out = write_fixed_header(out, packet_type::unsubscribe, 0x02, remaining_length(packet, version));
  out = write_u16(out, packet.packet_id);
  if (version == version::v5) *out++ = 0;  // no properties
  for (const std::string_view filter : packet.filters) out = write_string(out, filter);
  return out;
}

}  // namespace headgate::mqtt
