#include "cli/sum_of_counters.hpp"

#include <gtest/gtest.h>

#include "proxy/gateway/view.hpp"
#include "proxy/listener/view.hpp"

namespace headgate::cli {
namespace {

TEST(sum_of_counters, adds_each_counter_to_its_own) {
  proxy::listener::listener_view sum{.bytes_in = 1, .bytes_out = 20, .sends = 4'000'000'000};
  add(sum, {.bytes_in = 2, .receives = 7, .sends = 4'000'000'000, .accepts_paused = 5});
  EXPECT_EQ(sum.bytes_in, 3U);
  EXPECT_EQ(sum.bytes_out, 20U);
  EXPECT_EQ(sum.receives, 7U);
  EXPECT_EQ(sum.sends, 8'000'000'000U);
  EXPECT_EQ(sum.sends_partly_taken, 0U);
  EXPECT_EQ(sum.accepts_paused, 5U);
}

TEST(sum_of_counters, of_several_starts_with_none) {
  proxy::gateway::gateway_view sum;
  for (int n = 0; n < 3; ++n) {
    proxy::gateway::gateway_view part;
    part.connects = 10;
    part.retain_ignored = 1;
    add(sum, part);
  }
  EXPECT_EQ(sum.connects, 30U);
  EXPECT_EQ(sum.retain_ignored, 3U);
  EXPECT_EQ(sum.clients, 0U);
}

}  // namespace
}  // namespace headgate::cli
