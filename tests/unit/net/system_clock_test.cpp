#include "net/system_clock.hpp"

#include <gtest/gtest.h>

namespace headgate::net {
namespace {

TEST(system_clock, never_goes_back_and_reads_one_monotonic_clock_both_ways) {
  system_clock clock;
  auto before = clock.monotonic_ns();
  for (int n = 0; n < 1000; ++n) {
    const auto now = clock.monotonic_ns();
    EXPECT_GE(now, before);
    before = now;
  }
  // The coarse one is behind by a tick of the scheduler at most; a second is far above that.
  const auto coarse_ms = clock.now().monotonic.value;
  EXPECT_LE(coarse_ms, clock.monotonic_ns() / 1'000'000);
  EXPECT_GT(coarse_ms + 1000, before / 1'000'000);
}

}  // namespace
}  // namespace headgate::net
