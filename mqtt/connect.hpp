#pragma once

#include <optional>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

struct will_view {
  mqtt::qos qos{};
  bool retain = false;
  std::string_view topic{};
  bytes payload{};
  bytes properties{};  // as in the packet, without the length
  std::uint32_t delay_interval_s = 0;
};

// MQTT 5.0, 3.1. The views point into the packet. In 3.1.1 the properties have their defaults.
struct connect {
  mqtt::version version = mqtt::version::v5;
  bool clean_start = false;
  std::uint16_t keep_alive_s = 0;  // 0: none
  std::string_view client_id{};
  std::optional<will_view> will{};
  std::optional<std::string_view> user_name{};
  std::optional<bytes> password{};
  std::uint32_t session_expiry_interval_s = 0;  // 3.1.1: 0 with Clean Session, else 0xffffffff
  std::uint16_t receive_maximum = 65'535;
  std::uint32_t maximum_packet_size = max_remaining_length + static_cast<std::uint32_t>(max_fixed_header_size);
  std::uint16_t topic_alias_maximum = 0;
  bool request_problem_information = true;
  bool request_response_information = false;
  std::optional<std::string_view> authentication_method{};
};

result<connect> decode_connect(const frame& packet);

// Which version an undecodable CONNECT asked for, so that the refusal can be sent in that version; v5 for levels above
// 5, v3_1_1 for everything else.
version version_of_broken_connect(const frame& packet);

// For clients (the load-test harness). No will; at most 65,535 bytes a string.
std::size_t encoded_size(const connect& packet);
std::uint8_t* encode(const connect& packet, std::uint8_t* out);

}  // namespace headgate::mqtt
