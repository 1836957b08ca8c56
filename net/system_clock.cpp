#include "net/system_clock.hpp"

#include <ctime>

namespace headgate::net {

namespace {

// The coarse clocks are read without a system call and are right within a scheduler tick, which is enough for timeouts.
std::uint64_t read_ms(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1000 + static_cast<std::uint64_t>(time.tv_nsec) / 1'000'000;
}

}  // namespace

base::instant system_clock::now() {
  return {base::monotonic_ms{read_ms(CLOCK_MONOTONIC_COARSE)}, base::wall_ms{read_ms(CLOCK_REALTIME_COARSE)}};
}

// The fine clock, which the C library reads without a system call, too (vDSO).
std::uint64_t system_clock::monotonic_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace headgate::net
