#pragma once

#include <compare>
#include <cstdint>

#include "base/strong.hpp"

namespace headgate::base {

// Milliseconds of the monotonic clock, for timeouts: never compared between machines.
using monotonic_ms = strong<struct monotonic_ms_tag, std::uint64_t>;
// Milliseconds since 1970 of the wall clock, for time stamps.
using wall_ms = strong<struct wall_ms_tag, std::uint64_t>;

// Both clocks, read once a turn.
struct instant {
  monotonic_ms monotonic;
  wall_ms wall;
};

// Where a worker gets the time: the system's clock, or one that a test moves by hand.
class clock {
 public:
  virtual ~clock() = default;
  virtual instant now() = 0;
};

}  // namespace headgate::base
