#include "base/latency_histogram.hpp"

#include <gtest/gtest.h>

#include "base/counters.hpp"
#include "base/random.hpp"

namespace headgate::base {
namespace {

// The first bucket whose bound is not exceeded, by search.
std::size_t naive_bucket(std::uint64_t elapsed_us) {
  for (std::size_t bucket = 0; bucket < latency_bounds; ++bucket) {
    if (elapsed_us <= latency_bound_us(bucket)) return bucket;
  }
  return latency_bounds;
}

std::size_t bucket_of(std::uint64_t elapsed_us) {
  latency_histogram histogram;
  histogram.add(elapsed_us, 1);
  for (std::size_t bucket = 0; bucket <= latency_bounds; ++bucket) {
    if (histogram.counts[bucket] == 1) return bucket;
  }
  return ~std::size_t{0};
}

TEST(latency_histogram, has_bounds_that_are_powers_of_two_from_16_us_to_33_s) {
  EXPECT_EQ(latency_bound_us(0), 16U);
  EXPECT_EQ(latency_bound_us(latency_bounds - 1), 33'554'432U);
}

TEST(latency_histogram, puts_bounds_and_their_neighbours_where_a_search_does) {
  EXPECT_EQ(bucket_of(0), 0U);
  for (std::size_t bucket = 0; bucket < latency_bounds; ++bucket) {
    const auto bound = latency_bound_us(bucket);
    for (const auto elapsed : {bound - 1, bound, bound + 1}) EXPECT_EQ(bucket_of(elapsed), naive_bucket(elapsed));
  }
  EXPECT_EQ(bucket_of(~std::uint64_t{0}), latency_bounds);
}

TEST(latency_histogram, agrees_with_a_naive_one) {
  random_source random(1);
  latency_histogram histogram;
  latency_histogram naive;
  std::uint64_t all = 0;
  for (int n = 0; n < 10'000; ++n) {
    const auto elapsed = random.next() >> (24 + random.next() % 40);
    const auto count = random.next() % 3;
    histogram.add(elapsed, count);
    naive.counts[naive_bucket(elapsed)] += count;
    naive.sum_us += elapsed * count;
    all += count;
  }
  EXPECT_EQ(histogram.counts, naive.counts);
  EXPECT_EQ(histogram.sum_us, naive.sum_us);
  EXPECT_EQ(histogram.total(), all);
}

TEST(latency_histogram, of_several_workers_can_be_added) {
  latency_histogram sum;
  latency_histogram one;
  one.add(20, 2);
  add_counters(sum, one);
  add_counters(sum, one);
  EXPECT_EQ(sum.counts[1], 4U);
  EXPECT_EQ(sum.sum_us, 80U);
}

}  // namespace
}  // namespace headgate::base
