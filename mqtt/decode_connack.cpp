#include <array>

#include "mqtt/connack.hpp"
#include "mqtt/properties.hpp"

namespace headgate::mqtt {
namespace {

constexpr property_set connack_properties =
    allow(property_id::session_expiry_interval, property_id::receive_maximum, property_id::maximum_qos,
          property_id::retain_available, property_id::maximum_packet_size, property_id::assigned_client_identifier,
          property_id::topic_alias_maximum, property_id::reason_string, property_id::user_property,
          property_id::wildcard_subscription_available, property_id::subscription_identifier_available,
          property_id::shared_subscription_available, property_id::server_keep_alive, property_id::response_information,
          property_id::server_reference, property_id::authentication_method, property_id::authentication_data);

// MQTT 5.0, 3.2.2.2.
bool is_connack_reason(std::uint8_t code) {
  switch (static_cast<reason_code>(code)) {
    case reason_code::success:
    case reason_code::unspecified_error:
    case reason_code::malformed_packet:
    case reason_code::protocol_error:
    case reason_code::implementation_specific_error:
    case reason_code::unsupported_protocol_version:
    case reason_code::client_identifier_not_valid:
    case reason_code::bad_user_name_or_password:
    case reason_code::not_authorized:
    case reason_code::server_unavailable:
    case reason_code::server_busy:
    case reason_code::banned:
    case reason_code::bad_authentication_method:
    case reason_code::topic_name_invalid:
    case reason_code::packet_too_large:
    case reason_code::quota_exceeded:
    case reason_code::payload_format_invalid:
    case reason_code::retain_not_supported:
    case reason_code::qos_not_supported:
    case reason_code::use_another_server:
    case reason_code::server_moved:
    case reason_code::connection_rate_exceeded:
      return true;
    default:  // every other code, known or not: the list above is the standard's
      return false;
  }
}

// MQTT 3.1.1, 3.2.2.3, by return code.
constexpr std::array<reason_code, 6> reasons_of_return_codes{
    reason_code::success,
    reason_code::unsupported_protocol_version,
    reason_code::client_identifier_not_valid,
    reason_code::server_unavailable,
    reason_code::bad_user_name_or_password,
    reason_code::not_authorized,
};

std::optional<reason_code> read_reason(std::uint8_t code, version version) {
  if (version != version::v5) {
    if (code >= reasons_of_return_codes.size()) return std::nullopt;
    return reasons_of_return_codes[code];
  }
  if (!is_connack_reason(code)) return std::nullopt;
  return static_cast<reason_code>(code);
}

void take(const property& next, connack& found) {
  const bool available = next.number != 0;
  const auto short_number = static_cast<std::uint16_t>(next.number);
  if (next.id == property_id::session_expiry_interval) found.session_expiry_interval_s = next.number;
  if (next.id == property_id::receive_maximum) found.receive_maximum = short_number;
  if (next.id == property_id::maximum_qos) found.maximum_qos = static_cast<qos>(next.number);
  if (next.id == property_id::retain_available) found.retain_available = available;
  if (next.id == property_id::maximum_packet_size) found.maximum_packet_size = next.number;
  if (next.id == property_id::assigned_client_identifier) found.assigned_client_id = base::as_text(next.data);
  if (next.id == property_id::topic_alias_maximum) found.topic_alias_maximum = short_number;
  if (next.id == property_id::reason_string) found.reason_string = base::as_text(next.data);
  if (next.id == property_id::wildcard_subscription_available) found.wildcard_subscription_available = available;
  if (next.id == property_id::subscription_identifier_available) found.subscription_identifier_available = available;
  if (next.id == property_id::shared_subscription_available) found.shared_subscription_available = available;
  if (next.id == property_id::server_keep_alive) found.server_keep_alive_s = short_number;
  if (next.id == property_id::response_information) found.response_information = base::as_text(next.data);
  if (next.id == property_id::server_reference) found.server_reference = base::as_text(next.data);
  if (next.id == property_id::authentication_method) found.authentication_method = base::as_text(next.data);
  if (next.id == property_id::authentication_data) found.authentication_data = next.data;
}

}  // namespace

result<connack> decode_connack(const frame& packet, version version) {
  base::byte_cursor at(packet.body);
  const std::uint8_t flags = at.read_u8();
  const std::uint8_t code = at.read_u8();
  if (at.failed()) return errc::truncated;
  if (flags > 1) return errc::reserved_flags;  // [MQTT-3.2.2-1]
  const auto reason = read_reason(code, version);
  if (!reason) return errc::reason_code_invalid;
  connack found;
  found.session_present = flags == 1;
  found.reason = *reason;
  if (found.session_present && found.reason != reason_code::success) return errc::session_present_with_failure;
  if (version == version::v5) {
    property_reader reader(at, connack_properties);
    while (const auto next = reader.next()) take(*next, found);
    if (reader.error()) return *reader.error();
  }
  if (!at.empty()) return errc::trailing_bytes;
  return found;
}

}  // namespace headgate::mqtt
