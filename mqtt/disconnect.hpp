#pragma once

#include <optional>

#include "mqtt/framing.hpp"

namespace headgate::mqtt {

// MQTT 5.0, 3.14. Before MQTT 5 only clients send it, and it is empty.
struct disconnect {
  reason_code reason = reason_code::success;
  std::optional<std::uint32_t> session_expiry_interval_s{};  // never set by a server [MQTT-3.14.2-2]
  std::string_view reason_string{};
  std::string_view server_reference{};  // a server's, with use_another_server or server_moved
};

// Takes the reason codes and properties that the standard gives to that sender. The view points into the packet.
result<disconnect> decode_disconnect(const frame& packet, version version, sender sender = sender::client);

std::size_t encoded_size(const disconnect& packet, version version);
std::uint8_t* encode(const disconnect& packet, version version, std::uint8_t* out);

}  // namespace headgate::mqtt
