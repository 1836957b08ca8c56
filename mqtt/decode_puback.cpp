#include "mqtt/properties.hpp"
#include "mqtt/puback.hpp"

namespace headgate::mqtt {
namespace {

// MQTT 5.0, 3.4.2.1.
bool is_puback_reason(std::uint8_t code) {
  switch (static_cast<reason_code>(code)) {
    case reason_code::success:
    case reason_code::no_matching_subscribers:
    case reason_code::unspecified_error:
    case reason_code::implementation_specific_error:
    case reason_code::not_authorized:
    case reason_code::topic_name_invalid:
    case reason_code::packet_identifier_in_use:
    case reason_code::quota_exceeded:
    case reason_code::payload_format_invalid:
      return true;
    default:  // every other code, known or not: the list above is the standard's
      return false;
  }
}

// What follows the Packet Identifier in MQTT 5: nothing, a reason, or a reason and properties (3.4.2.1, 3.4.2.2.1).
result<reason_code> read_reason(base::byte_cursor& at) {
  const std::uint8_t code = at.read_u8();
  if (!is_puback_reason(code)) return errc::reason_code_invalid;
  if (!at.empty()) {
    property_reader reader(at, allow(property_id::reason_string, property_id::user_property));
    while (reader.next()) {
    }
    if (reader.error()) return *reader.error();
    if (!at.empty()) return errc::trailing_bytes;
  }
  return static_cast<reason_code>(code);
}

}  // namespace

result<puback> decode_puback(const frame& packet, version version) {
  base::byte_cursor at(packet.body);
  puback found;
  found.packet_id = at.read_u16();
  if (at.failed()) return errc::truncated;
  if (found.packet_id == 0) return errc::packet_id_zero;
  if (at.empty()) return found;
  if (version == version::v3_1_1) return errc::trailing_bytes;
  const auto reason = read_reason(at);
  if (!reason) return reason.error();
  found.reason = *reason;
  return found;
}

}  // namespace headgate::mqtt
