#include "base/limits.hpp"

#include <gtest/gtest.h>

namespace headgate::base {
namespace {

// What ARCHITECTURE.md promises; a static_assert where each type is binds its part of the sums.
TEST(limits, memory_of_an_idle_client_and_of_a_subscription) {
  EXPECT_LE(directory_bytes, 112U);
  EXPECT_LE(idle_client_bytes + directory_bytes, 500U);
  EXPECT_LE(idle_subscription_bytes, 220U);
}

TEST(limits, fit_together) {
  const limits defaults;
  // What is left of an incomplete frame and one client's share of new bytes go into the scratch together.
  EXPECT_GE(read_scratch_bytes, direct_read_bytes + read_bytes_per_client);
  EXPECT_GE(read_bytes_per_turn, read_bytes_per_client);
  // A ring of packets in flight holds fewer than half the packet ids.
  EXPECT_LT(defaults.max_inflight, 32'768);
  EXPECT_GE(defaults.log_memory_bytes, defaults.max_packet_bytes);
  EXPECT_GE(defaults.retained_memory_bytes, defaults.max_packet_bytes);
}

}  // namespace
}  // namespace headgate::base
