#include "mqtt/errc.hpp"

namespace headgate::mqtt {

reason_code reason_of(errc error) {
  switch (error) {
    // What can't be parsed, and what the standard calls malformed in so many words.
    case errc::truncated:
    case errc::trailing_bytes:
    case errc::remaining_length_too_long:
    case errc::reserved_packet_type:
    case errc::reserved_flags:
    case errc::string_not_utf8:
    case errc::string_has_nul:
    case errc::property_length_malformed:
    case errc::property_unknown:
    case errc::property_not_allowed:
    case errc::property_number_malformed:
    case errc::connect_flags_reserved:
    case errc::will_qos_invalid:
    case errc::qos_invalid:
    case errc::subscription_options_reserved:
      return reason_code::malformed_packet;
    // What can be parsed, but is not allowed.
    case errc::packet_id_zero:
    case errc::unexpected_packet_type:
    case errc::property_repeated:
    case errc::property_value_invalid:
    case errc::will_flags_without_will:
    case errc::password_without_user_name:
    case errc::authentication_data_without_method:
    case errc::dup_with_qos_0:
    case errc::topic_empty:
    case errc::subscription_identifier_from_client:
    case errc::no_topic_filter:
    case errc::subscription_qos_invalid:
    case errc::retain_handling_invalid:
    case errc::no_local_on_shared:
    case errc::reason_code_invalid:
    case errc::session_present_with_failure:
      return reason_code::protocol_error;
    case errc::packet_too_large:
      return reason_code::packet_too_large;
    case errc::protocol_name_unknown:
    case errc::protocol_version_unsupported:
      return reason_code::unsupported_protocol_version;
    case errc::client_id_empty:
    case errc::client_id_empty_without_clean_session:
      return reason_code::client_identifier_not_valid;
    case errc::topic_alias_zero:
      return reason_code::topic_alias_invalid;
    case errc::topic_has_wildcard:
    case errc::topic_too_many_levels:
      return reason_code::topic_name_invalid;
    case errc::filter_invalid:
      return reason_code::topic_filter_invalid;
  }
  return reason_code::unspecified_error;
}

std::string_view explain(errc error) {
  switch (error) {
    // clang-format off
    case errc::truncated: return "a field reaches past the end of its packet";
    case errc::trailing_bytes: return "bytes after the last field of the packet";
    case errc::remaining_length_too_long: return "Remaining Length of more than four bytes (2.1.4)";
    case errc::reserved_packet_type: return "reserved packet type (2.1.2)";
    case errc::reserved_flags: return "reserved flags set [MQTT-2.1.3-1]";
    case errc::packet_too_large: return "packet larger than limits.max_packet_bytes allows [MQTT-3.2.2-15]";
    case errc::packet_id_zero: return "Packet Identifier 0 [MQTT-2.2.1-3]";
    case errc::unexpected_packet_type: return "packet of a type not expected here (4.13)";
    case errc::string_not_utf8: return "string that is not UTF-8 [MQTT-1.5.4-1]";
    case errc::string_has_nul: return "string with U+0000 [MQTT-1.5.4-2]";
    case errc::property_length_malformed: return "malformed Property Length (2.2.2.1)";
    case errc::property_unknown: return "unknown property (2.2.2.2)";
    case errc::property_not_allowed: return "property not allowed in this packet (2.2.2.2)";
    case errc::property_repeated: return "property that occurs twice (2.2.2.2)";
    case errc::property_value_invalid: return "property with a value that is not allowed (2.2.2.2)";
    case errc::property_number_malformed: return "property with a number in more bytes than it may have [MQTT-1.5.5-1]";
    case errc::protocol_name_unknown: return "CONNECT with a Protocol Name other than MQTT, or MQIsdp of 3.1 [MQTT-3.1.2-1]";
    case errc::protocol_version_unsupported: return "CONNECT with an unsupported Protocol Version [MQTT-3.1.2-2]";
    case errc::connect_flags_reserved: return "CONNECT with its reserved flag set [MQTT-3.1.2-3]";
    case errc::will_flags_without_will: return "CONNECT with Will QoS or Will Retain but no will [MQTT-3.1.2-11, -13]";
    case errc::will_qos_invalid: return "CONNECT with Will QoS 3 [MQTT-3.1.2-12]";
    case errc::password_without_user_name: return "CONNECT with a password but no user name [3.1.1: MQTT-3.1.2-22]";
    case errc::client_id_empty: return "CONNECT of MQTT 3.1 with an empty client id (3.1)";
    case errc::client_id_empty_without_clean_session:
      return "CONNECT with neither client id nor Clean Session [3.1.1: MQTT-3.1.3-8]";
    case errc::authentication_data_without_method:
      return "CONNECT with Authentication Data but no Authentication Method (3.1.2.11.10)";
    case errc::qos_invalid: return "PUBLISH with QoS 3 [MQTT-3.3.1-4]";
    case errc::dup_with_qos_0: return "PUBLISH with DUP and QoS 0 [MQTT-3.3.1-2]";
    case errc::topic_alias_zero: return "PUBLISH with Topic Alias 0 [MQTT-3.3.2-8]";
    case errc::topic_empty: return "empty Topic Name [MQTT-4.7.3-1]";
    case errc::topic_has_wildcard: return "Topic Name with a wildcard [MQTT-3.3.2-2]";
    case errc::topic_too_many_levels: return "Topic Name of too many levels (4.7.3)";
    case errc::subscription_identifier_from_client:
      return "PUBLISH from a client with a Subscription Identifier [MQTT-3.3.4-6]";
    case errc::no_topic_filter: return "no Topic Filter [MQTT-3.8.3-2], [MQTT-3.10.3-2]";
    case errc::filter_invalid: return "invalid Topic Filter [MQTT-4.7.1-1, -2], [MQTT-4.7.3-1], [MQTT-4.8.2-1, -2]";
    case errc::subscription_options_reserved: return "SUBSCRIBE with reserved option bits set [MQTT-3.8.3-5]";
    case errc::subscription_qos_invalid: return "SUBSCRIBE with Maximum QoS 3 (3.8.3.1)";
    case errc::retain_handling_invalid: return "SUBSCRIBE with Retain Handling 3 (3.8.3.1)";
    case errc::no_local_on_shared: return "SUBSCRIBE with No Local on a Shared Subscription [MQTT-3.8.3-4]";
    case errc::reason_code_invalid: return "reason code that this packet or sender may not use (2.4)";
    case errc::session_present_with_failure: return "CONNACK with Session Present and a failure [MQTT-3.2.2-6]";
      // clang-format on
  }
  return "unknown error";
}

}  // namespace headgate::mqtt
