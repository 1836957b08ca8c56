#include "loadtest/core/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tests/unit/property.hpp"

namespace headgate::loadtest::core {
namespace {

TEST(histogram, of_nothing_is_nothing) {
  const histogram none;
  EXPECT_EQ(none.total(), 0U);
  EXPECT_EQ(none.percentile_ns(0.99), 0U);
  EXPECT_EQ(none.maximum_ns(), 0U);
  EXPECT_EQ(none.mean_ns(), 0);
  EXPECT_TRUE(none.steps().empty());
}

TEST(histogram, the_maximum_is_exact_and_no_percentile_exceeds_it) {
  histogram durations;
  durations.record(1'000'000'007);
  EXPECT_EQ(durations.maximum_ns(), 1'000'000'007U);
  EXPECT_LE(durations.percentile_ns(1), 1'000'000'007U);
  EXPECT_NEAR(static_cast<double>(durations.percentile_ns(0)), 1e9, 1e7);
}

// Every power of two has its durations, up to 2^63.
std::vector<std::uint64_t> random_durations(tests::dice& dice) {
  std::vector<std::uint64_t> all(1 + dice.below(2000));
  const std::uint32_t powers = 1 + dice.below(63);
  for (std::uint64_t& ns : all) ns = dice.bits() >> (63 - dice.below(powers + 1)) >> 1;
  if (dice.one_in(4)) all.front() = std::uint64_t{1} << 63;
  return all;
}

TEST(histogram, every_percentile_is_within_one_percent_of_the_order_statistic) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    tests::dice dice(seed);
    std::vector<std::uint64_t> all = random_durations(dice);
    histogram durations;
    for (const std::uint64_t ns : all) durations.record(ns);
    std::ranges::sort(all);
    for (const double share : {0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0, dice.below(1000) / 1000.0}) {
      const double rank = std::max(1.0, std::ceil(share * static_cast<double>(all.size())));
      const auto truth = static_cast<double>(all[static_cast<std::size_t>(rank) - 1]);
      ASSERT_NEAR(static_cast<double>(durations.percentile_ns(share)), truth, truth / 100) << "share " << share;
    }
    EXPECT_EQ(durations.maximum_ns(), all.back());
    const double sum = std::accumulate(all.begin(), all.end(), 0.0);
    EXPECT_NEAR(durations.mean_ns() * static_cast<double>(all.size()), sum, sum / 1e9);
  }
}

TEST(histogram, steps_ascend_and_sum_up) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    tests::dice dice(seed);
    histogram durations;
    std::uint64_t total = 0;
    for (const std::uint64_t ns : random_durations(dice)) {
      const std::uint64_t count = dice.below(5);
      durations.record(ns, count);
      total += count;
    }
    std::uint64_t sum = 0;
    std::uint64_t last = 0;
    for (const histogram::step& step : durations.steps()) {
      EXPECT_TRUE(sum == 0 || step.ns > last);
      EXPECT_GT(step.count, 0U);
      EXPECT_LE(step.ns, durations.maximum_ns());
      sum += step.count;
      last = step.ns;
    }
    EXPECT_EQ(sum, total);
    EXPECT_EQ(durations.total(), total);
  }
}

}  // namespace
}  // namespace headgate::loadtest::core
