#include "mqtt/acknowledgement.hpp"
#include "mqtt/properties.hpp"

namespace headgate::mqtt {
namespace {

// MQTT 5.0, 3.4.2.1 and 3.5.2.1 give one list to PUBACK and PUBREC.
bool is_receipt_reason(std::uint8_t code) {
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

// 3.6.2.1 and 3.7.2.1 give another to PUBREL and PUBCOMP.
bool is_release_reason(std::uint8_t code) {
  const auto reason = static_cast<reason_code>(code);
  return reason == reason_code::success || reason == reason_code::packet_identifier_not_found;
}

bool is_reason_of(packet_type type, std::uint8_t code) {
  const bool release = type == packet_type::pubrel || type == packet_type::pubcomp;
  return release ? is_release_reason(code) : is_receipt_reason(code);
}

// What follows the Packet Identifier in MQTT 5: a reason, or a reason and properties (3.4.2.1, 3.4.2.2.1).
std::optional<errc> read_reason(base::byte_cursor& at, acknowledgement& found) {
  const std::uint8_t code = at.read_u8();
  if (!is_reason_of(found.type, code)) return errc::reason_code_invalid;
  found.reason = static_cast<reason_code>(code);
  if (at.empty()) return std::nullopt;
  property_reader reader(at, allow(property_id::reason_string, property_id::user_property));
  while (const auto next = reader.next()) {
    if (next->id == property_id::reason_string) found.reason_string = base::as_text(next->data);
  }
  if (reader.error()) return reader.error();
  if (!at.empty()) return errc::trailing_bytes;
  return std::nullopt;
}

}  // namespace

result<acknowledgement> decode_acknowledgement(const frame& packet, version version) {
  base::byte_cursor at(packet.body);
  acknowledgement found;
  found.type = packet.type;
  found.packet_id = at.read_u16();
  if (at.failed()) return errc::truncated;
  if (found.packet_id == 0) return errc::packet_id_zero;
  if (at.empty()) return found;
  if (version != version::v5) return errc::trailing_bytes;
  if (const auto error = read_reason(at, found)) return *error;
  return found;
}

}  // namespace headgate::mqtt
