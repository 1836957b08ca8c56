#pragma once

#include <optional>
#include <span>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// A User Property (MQTT 5.0, 3.2.2.3.10).
struct user_property {
  std::string_view name{};
  std::string_view value{};
};

// MQTT 5.0, 3.2. A property with its default value is left out of the packet. Before MQTT 5 only the first two members
// are sent, the reason as its connect_return_code(), and in 3.1 the reason alone.
// One that is larger than the client's Maximum Packet Size is to be sent without reason_string and user_properties
// [MQTT-3.2.2-19, -20]: clear both and ask encoded_size() again.
struct connack {
  bool session_present = false;
  reason_code reason = reason_code::success;
  std::optional<std::uint32_t> session_expiry_interval_s{};
  std::uint16_t receive_maximum = 65'535;
  qos maximum_qos = qos::exactly_once;
  bool retain_available = true;
  std::optional<std::uint32_t> maximum_packet_size{};
  std::string_view assigned_client_id{};
  std::uint16_t topic_alias_maximum = 0;
  std::string_view reason_string{};
  bool wildcard_subscription_available = true;
  bool subscription_identifier_available = true;
  bool shared_subscription_available = true;
  std::optional<std::uint16_t> server_keep_alive_s{};
  std::string_view response_information{};  // only to a client that requested it (3.1.2.11.6)
  std::string_view server_reference{};      // with use_another_server or server_moved
  std::optional<std::string_view> authentication_method{};
  bytes authentication_data{};                       // only with a method
  std::span<const user_property> user_properties{};  // not handed out by decode_connack()
};

std::size_t encoded_size(const connack& packet, version version);
std::uint8_t* encode(const connack& packet, version version, std::uint8_t* out);

// For clients. Before MQTT 5 a return code n > 0 becomes the reason code of MQTT 5 of the same meaning.
result<connack> decode_connack(const frame& packet, version version);

}  // namespace headgate::mqtt
