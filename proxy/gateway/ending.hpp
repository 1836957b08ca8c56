#pragma once

#include <cstdint>
#include <string_view>

#include "mqtt/reason_code.hpp"

namespace headgate::proxy::gateway {

// Why the connection of a client ends.
enum class ended_by : std::uint8_t {
  client,        // it said DISCONNECT
  network,       // without a word
  keep_alive,    // it was silent for too long
  takeover,      // another connection has its session
  kick,          // an operator wanted it
  user_changed,  // its user has another password now, or is gone
  error,         // what it sent was wrong, or too much
  shutdown,      // of this server
};

// The end of a connection, as its log line tells it. Views live during the call only.
struct ending {
  ended_by cause{};
  mqtt::reason_code reason{};  // what the client was told, or has told
  std::string_view why{};      // a clause that goes on from "closed: "; of errors
  std::string_view other{};    // takeover: the address of the other connection, where it is known
};

}  // namespace headgate::proxy::gateway
