#pragma once

#include <cstdint>
#include <string>

#include "mqtt/types.hpp"

namespace headgate::loadtest::relay {

// What is known of one connection, by both of its directions. A plain struct: the client's CONNECT fills it in.
struct identity {
  enum class protocol : std::uint8_t { unknown, mqtt, other };

  std::uint64_t number = 0;  // from 1, in the order in which the connections were accepted
  protocol speaks = protocol::unknown;
  mqtt::version version = mqtt::version::v5;  // until CONNECT says otherwise
  std::string client_id{};                    // also empty where the server chooses one
  bool is_cut = false;                        // a rule that cuts has met its packet: the connection is to be reset
};

}  // namespace headgate::loadtest::relay
