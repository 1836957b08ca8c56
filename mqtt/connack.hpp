#pragma once

#include <optional>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 3.2. A property with its default value is left out of the packet. In 3.1.1 only the first two members are
// sent, the reason as its connect_return_code().
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
};

std::size_t encoded_size(const connack& packet, version version);
std::uint8_t* encode(const connack& packet, version version, std::uint8_t* out);

// For clients. In 3.1.1 a return code n > 0 becomes the reason code of MQTT 5 of the same meaning.
result<connack> decode_connack(const frame& packet, version version);

}  // namespace headgate::mqtt
