#include "mqtt/disconnect.hpp"
#include "mqtt/properties.hpp"

namespace headgate::mqtt {
namespace {

// MQTT 5.0, 3.14.2.1: which reason codes who may send; 0x8C is given to DISCONNECT by 2.4 only.
bool is_disconnect_reason(std::uint8_t code, sender sender) {
  switch (static_cast<reason_code>(code)) {
    case reason_code::success:
    case reason_code::unspecified_error:
    case reason_code::malformed_packet:
    case reason_code::protocol_error:
    case reason_code::implementation_specific_error:
    case reason_code::topic_name_invalid:
    case reason_code::receive_maximum_exceeded:
    case reason_code::topic_alias_invalid:
    case reason_code::packet_too_large:
    case reason_code::message_rate_too_high:
    case reason_code::quota_exceeded:
    case reason_code::administrative_action:
    case reason_code::payload_format_invalid:
      return true;
    case reason_code::disconnect_with_will:
      return sender == sender::client;
    case reason_code::not_authorized:
    case reason_code::server_busy:
    case reason_code::server_shutting_down:
    case reason_code::bad_authentication_method:
    case reason_code::keep_alive_timeout:
    case reason_code::session_taken_over:
    case reason_code::topic_filter_invalid:
    case reason_code::retain_not_supported:
    case reason_code::qos_not_supported:
    case reason_code::use_another_server:
    case reason_code::server_moved:
    case reason_code::shared_subscriptions_not_supported:
    case reason_code::connection_rate_exceeded:
    case reason_code::maximum_connect_time:
    case reason_code::subscription_identifiers_not_supported:
    case reason_code::wildcard_subscriptions_not_supported:
      return sender == sender::server;
    default:  // every other code, known or not: the lists above are the standard's
      return false;
  }
}

constexpr property_set common_properties = allow(property_id::reason_string, property_id::user_property);
constexpr property_set client_properties = common_properties | allow(property_id::session_expiry_interval);
constexpr property_set server_properties = common_properties | allow(property_id::server_reference);

}  // namespace

result<disconnect> decode_disconnect(const frame& packet, version version, sender sender) {
  disconnect found;
  base::byte_cursor at(packet.body);
  if (at.empty()) return found;
  if (version != version::v5) return errc::trailing_bytes;
  const std::uint8_t code = at.read_u8();
  if (!is_disconnect_reason(code, sender)) return errc::reason_code_invalid;
  found.reason = static_cast<reason_code>(code);
  if (at.empty()) return found;
  property_reader reader(at, sender == sender::client ? client_properties : server_properties);
  while (const auto next = reader.next()) {
    if (next->id == property_id::session_expiry_interval) found.session_expiry_interval_s = next->number;
    if (next->id == property_id::reason_string) found.reason_string = base::as_text(next->data);
    if (next->id == property_id::server_reference) found.server_reference = base::as_text(next->data);
  }
  if (reader.error()) return *reader.error();
  if (!at.empty()) return errc::trailing_bytes;
  return found;
}

}  // namespace headgate::mqtt
