#include "base/counters.hpp"

#include <gtest/gtest.h>

namespace headgate::base {
namespace {

struct view {
  std::uint64_t connects = 0;
  std::uint64_t bytes = 0;
  std::uint64_t drops = 0;
};

TEST(counters, are_added_each_to_its_own) {
  view sum{1, 4'000'000'000, 0};
  add_counters(sum, {2, 4'000'000'000, 7});
  EXPECT_EQ(sum.connects, 3U);
  EXPECT_EQ(sum.bytes, 8'000'000'000U);
  EXPECT_EQ(sum.drops, 7U);
}

}  // namespace
}  // namespace headgate::base
