#pragma once

#include <ctime>

#include <cstdint>

namespace headgate::loadtest::run {

// Nanoseconds of one of the system's clocks.
inline std::uint64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

// The clock of a run; the stamps of messages carry it.
inline std::uint64_t now_ns() {
  return read_clock(CLOCK_MONOTONIC);
}

}  // namespace headgate::loadtest::run
