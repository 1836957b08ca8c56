#include "mqtt/properties.hpp"
#include "mqtt/unsuback.hpp"

namespace headgate::mqtt {
namespace {

// MQTT 5.0, 3.11.3.
bool is_unsuback_reason(std::uint8_t code) {
  switch (static_cast<reason_code>(code)) {
    case reason_code::success:
    case reason_code::no_subscription_existed:
    case reason_code::unspecified_error:
    case reason_code::implementation_specific_error:
    case reason_code::not_authorized:
    case reason_code::topic_filter_invalid:
    case reason_code::packet_identifier_in_use:
      return true;
    default:  // every other code, known or not: the list above is the standard's
      return false;
  }
}

}  // namespace

result<decoded_unsuback> decode_unsuback(const frame& packet, version version) {
  base::byte_cursor at(packet.body);
  decoded_unsuback found;
  found.packet_id = at.read_u16();
  if (at.failed()) return errc::truncated;
  if (found.packet_id == 0) return errc::packet_id_zero;
  if (version != version::v5) {
    if (!at.empty()) return errc::trailing_bytes;
    return found;
  }
  property_reader reader(at, allow(property_id::reason_string, property_id::user_property));
  while (const auto next = reader.next()) {
    if (next->id == property_id::reason_string) found.reason_string = base::as_text(next->data);
  }
  if (reader.error()) return *reader.error();
  if (at.empty()) return errc::truncated;
  for (const std::uint8_t code : at.read_rest()) {
    if (!is_unsuback_reason(code)) return errc::reason_code_invalid;
    found.reasons.push_back(static_cast<reason_code>(code));
  }
  return found;
}

}  // namespace headgate::mqtt
