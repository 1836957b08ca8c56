#include "mqtt/properties.hpp"
#include "mqtt/suback.hpp"

namespace headgate::mqtt {
namespace {

// MQTT 5.0, 3.9.3; before it there are the three grants and one failure [3.1.1: MQTT-3.9.3-2].
bool is_suback_reason(std::uint8_t code, version version) {
  switch (static_cast<reason_code>(code)) {
    case reason_code::success:
    case reason_code::granted_qos_1:
    case reason_code::granted_qos_2:
    case reason_code::unspecified_error:
      return true;
    case reason_code::implementation_specific_error:
    case reason_code::not_authorized:
    case reason_code::topic_filter_invalid:
    case reason_code::packet_identifier_in_use:
    case reason_code::quota_exceeded:
    case reason_code::shared_subscriptions_not_supported:
    case reason_code::subscription_identifiers_not_supported:
    case reason_code::wildcard_subscriptions_not_supported:
      return version == version::v5;
    default:  // every other code, known or not: the lists above are the standard's
      return false;
  }
}

}  // namespace

result<decoded_suback> decode_suback(const frame& packet, version version) {
  base::byte_cursor at(packet.body);
  decoded_suback found;
  found.packet_id = at.read_u16();
  if (at.failed()) return errc::truncated;
  if (found.packet_id == 0) return errc::packet_id_zero;
  if (version == version::v5) {
    property_reader reader(at, allow(property_id::reason_string, property_id::user_property));
    while (const auto next = reader.next()) {
      if (next->id == property_id::reason_string) found.reason_string = base::as_text(next->data);
    }
    if (reader.error()) return *reader.error();
  }
  if (at.empty()) return errc::truncated;
  for (const std::uint8_t code : at.read_rest()) {
    if (!is_suback_reason(code, version)) return errc::reason_code_invalid;
    found.reasons.push_back(static_cast<reason_code>(code));
  }
  return found;
}

}  // namespace headgate::mqtt
