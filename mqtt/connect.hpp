#pragma once

#include <optional>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

struct will_view {
  mqtt::qos qos{};
  bool retain = false;
  std::string_view topic{};
  bytes payload{};
  bytes properties{};  // all, as in the packet, without the length; empty before MQTT 5
  std::uint32_t delay_interval_s = 0;
  std::uint32_t message_expiry_interval_s = no_expiry;  // of the will's message once it is published
  // Whether `properties` holds Will Delay Interval or Message Expiry Interval: what travels with the will's message is
  // then to be copied with copy_forwarded_properties() (publish.hpp) instead of as a whole.
  bool properties_need_filter = false;
};

// MQTT 5.0, 3.1. The views point into the packet. Before MQTT 5 the properties have their defaults.
struct connect {
  mqtt::version version = mqtt::version::v5;
  // mosquitto's mark of a bridge, the high bit of the Protocol Version of 3.1 or 3.1.1. A bridge wants RETAIN as
  // published and no message of its own back.
  bool bridge = false;
  bool clean_start = false;
  std::uint16_t keep_alive_s = 0;  // 0: none
  std::string_view client_id{};
  std::optional<will_view> will{};
  std::optional<std::string_view> user_name{};
  std::optional<bytes> password{};
  std::uint32_t session_expiry_interval_s = 0;  // 3.x: 0 with Clean Session, else 0xffffffff
  std::uint16_t receive_maximum = 65'535;
  std::uint32_t maximum_packet_size = max_remaining_length + static_cast<std::uint32_t>(max_fixed_header_size);
  std::uint16_t topic_alias_maximum = 0;
  bool request_problem_information = true;
  bool request_response_information = false;
  std::optional<std::string_view> authentication_method{};
};

// "MQTT" with level 4 or 5 and "MQIsdp" with level 3. As in mosquitto, MQTT 3.1 is taken leniently: a client id may
// have more than 23 characters, the reserved flag and the will's flags without a will are not looked at, and as that
// standard says, the user name and the password may be missing though their flags are set. A client id that is empty,
// in 3.1.1 without Clean Session, is refused with an errc of its own, for which there is a return code.
result<connect> decode_connect(const frame& packet);

// Which version an undecodable CONNECT asked for, so that the refusal can be sent in that version: v3_1 for "MQIsdp",
// v5 for "MQTT" with a level of 5 or above that is no bridge's, v3_1_1 for everything else.
version version_of_broken_connect(const frame& packet);

// For clients (tests, the load-test harness). At most 65,535 bytes a string. The will's delay and expiry are written
// from its members; what its `properties` say of them is left out.
std::size_t encoded_size(const connect& packet);
std::uint8_t* encode(const connect& packet, std::uint8_t* out);

}  // namespace headgate::mqtt
