#include "loadtest/core/topic_mask.hpp"

#include <gtest/gtest.h>

#include "tests/unit/property.hpp"

namespace headgate::loadtest::core {
namespace {

TEST(topic_mask, finds_and_counts_as_a_loop_does) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    tests::dice dice(seed);
    topic_mask mask;
    for (std::uint32_t topics = 1 + dice.below(12); topics > 0; --topics) mask.wanted.push_back(dice.one_in(3));
    const mask_table table(mask);
    const auto wants = [&](std::uint64_t n) { return mask.wanted[n % mask.wanted.size()]; };
    const std::uint64_t from = dice.below(50);
    std::uint64_t count = 0;
    for (std::uint64_t n = from; n < from + 40; ++n) {
      EXPECT_EQ(table.count(from, n), count);
      EXPECT_EQ(table.wants(n), wants(n));
      if (wants(n) && count++ == 0) {
        EXPECT_EQ(table.next(from), n);
      }
    }
    if (count == 0) {
      EXPECT_EQ(table.next(from), ~std::uint64_t{0});
    }
  }
}

}  // namespace
}  // namespace headgate::loadtest::core
