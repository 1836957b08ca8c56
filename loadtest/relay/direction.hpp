#pragma once

#include <cstdint>

namespace headgate::loadtest::relay {

enum class direction : std::uint8_t {
  up,    // from the client to the server
  down,  // from the server to the client
};

inline const char* name_of(direction which) {
  return which == direction::up ? "up" : "down";
}

}  // namespace headgate::loadtest::relay
