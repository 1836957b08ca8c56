#include "mqtt/properties.hpp"
#include "mqtt/puback.hpp"

namespace headgate::mqtt {

std::uint8_t* encode(const puback& packet, version version, std::uint8_t* out) {
  const bool with_reason = version == version::v5 && packet.reason != reason_code::success;
  out = write_fixed_header(out, packet_type::puback, 0, with_reason ? 3 : 2);
  out = write_u16(out, packet.packet_id);
  if (with_reason) *out++ = static_cast<std::uint8_t>(packet.reason);
  return out;
}

}  // namespace headgate::mqtt
