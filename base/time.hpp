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
  // Nanoseconds of a monotonic clock whose zero is anywhere, the same for all threads of the process: to measure how
  // long something took, never for timeouts. Costs some tens of nanoseconds: not for each message.
  virtual std::uint64_t monotonic_ns() = 0;
};

}  // namespace headgate::base
