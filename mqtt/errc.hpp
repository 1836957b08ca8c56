#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "mqtt/reason_code.hpp"

namespace headgate::mqtt {

// Every way in which a packet of a peer can be wrong. reason_of() says what to answer, explain() what to log.
// Clauses are those of MQTT 5.0 unless they say 3.1.1.
enum class errc : std::uint8_t {
  // any packet
  truncated,                  // a field reaches past the end of its packet
  trailing_bytes,             // bytes after the last field
  remaining_length_too_long,  // five or more length bytes (1.5.5 and 2.1.4)
  reserved_packet_type,       // type 0, or 15 before MQTT 5
  reserved_flags,             // [MQTT-2.1.3-1]
  packet_too_large,           // over the limit that the receiver announced
  packet_id_zero,             // [MQTT-2.2.1-3], [MQTT-2.2.1-4]
  unexpected_packet_type,     // a packet that only the other side sends, or one not decoded yet
  string_not_utf8,            // [MQTT-1.5.4-1]
  string_has_nul,             // [MQTT-1.5.4-2]
  // properties
  property_length_malformed,
  property_unknown,
  property_not_allowed,  // known, but not in this packet
  property_repeated,
  property_value_invalid,     // a value outside what the standard allows, such as Receive Maximum 0
  property_number_malformed,  // a Variable Byte Integer in more bytes than it needs, or than four [MQTT-1.5.5-1]
  // CONNECT
  protocol_name_unknown,
  protocol_version_unsupported,
  connect_flags_reserved,                 // [MQTT-3.1.2-3]
  will_flags_without_will,                // [MQTT-3.1.2-11], [MQTT-3.1.2-13]
  will_qos_invalid,                       // [MQTT-3.1.2-12]
  password_without_user_name,             // 3.1.1: [MQTT-3.1.2-22]
  client_id_empty,                        // 3.1: 1 to 23 characters (3.1)
  client_id_empty_without_clean_session,  // 3.1.1: [MQTT-3.1.3-8]
  authentication_data_without_method,
  // PUBLISH
  qos_invalid,         // [MQTT-3.3.1-4]
  dup_with_qos_0,      // [MQTT-3.3.1-2]
  topic_alias_zero,    // [MQTT-3.3.2-8]
  topic_empty,         // [MQTT-4.7.3-1]; in MQTT 5 allowed with a Topic Alias
  topic_has_wildcard,  // [MQTT-3.3.2-2]
  topic_too_many_levels,
  subscription_identifier_from_client,  // [MQTT-3.3.4-6]
  // SUBSCRIBE and UNSUBSCRIBE
  no_topic_filter,                // [MQTT-3.8.3-2], [MQTT-3.10.3-2]
  filter_invalid,                 // [MQTT-4.7.1-1, -2], [MQTT-4.7.3-1], [MQTT-4.8.2-1, -2]
  subscription_options_reserved,  // [MQTT-3.8.3-5]
  subscription_qos_invalid,       // 3; a protocol error in SUBSCRIBE, malformed in PUBLISH
  retain_handling_invalid,
  no_local_on_shared,  // [MQTT-3.8.3-4]
  // acknowledgements and DISCONNECT
  reason_code_invalid,
  session_present_with_failure,  // CONNACK: [MQTT-3.2.2-6]
};

template <class T>
using result = base::result<T, errc>;

// What MQTT 5 answers to it (for 3.x see connect_return_code).
reason_code reason_of(errc error);

// One clause for a log line: "PUBLISH with QoS 3 [MQTT-3.3.1-4]".
std::string_view explain(errc error);

}  // namespace headgate::mqtt
