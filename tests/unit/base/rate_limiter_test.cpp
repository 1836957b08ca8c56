#include "base/rate_limiter.hpp"

#include "tests/unit/property.hpp"

namespace headgate::base {
namespace {

TEST(rate_limiter, lets_a_burst_through_and_counts_the_others) {
  rate_limiter limiter(5);
  const monotonic_ms now{1'000'000};
  for (int n = 0; n < 5; ++n) EXPECT_TRUE(limiter.admit(now));
  for (int n = 0; n < 3; ++n) EXPECT_FALSE(limiter.admit(now));
  EXPECT_EQ(limiter.take_left_out(), 3U);
  EXPECT_EQ(limiter.take_left_out(), 0U);
}

TEST(rate_limiter, refills_with_time_up_to_a_burst) {
  rate_limiter limiter(5);
  monotonic_ms now{1'000'000};
  for (int n = 0; n < 5; ++n) EXPECT_TRUE(limiter.admit(now));
  now.value += 199;
  EXPECT_FALSE(limiter.admit(now));
  now.value += 1;
  EXPECT_TRUE(limiter.admit(now));
  EXPECT_FALSE(limiter.admit(now));
  now.value += 3'600'000;
  for (int n = 0; n < 5; ++n) EXPECT_TRUE(limiter.admit(now));
  EXPECT_FALSE(limiter.admit(now));
}

TEST(rate_limiter, property_never_more_than_a_burst_and_the_rate) {
  tests::for_each_seed([](tests::dice& dice) {
    const auto per_second = 1 + dice.below(20);
    rate_limiter limiter(per_second);
    const monotonic_ms start{dice.bits() % 1'000'000'000};
    auto now = start;
    std::uint64_t asked = 0;
    std::uint64_t admitted = 0;
    std::uint64_t left_out = 0;
    for (; asked < 5000; ++asked) {
      now.value += dice.below(40);
      if (limiter.admit(now)) ++admitted;
      if (dice.one_in(10)) left_out += limiter.take_left_out();
      ASSERT_LE(admitted * 1000, per_second * (1000 + now.value - start.value));
    }
    EXPECT_EQ(left_out + limiter.take_left_out(), asked - admitted);
    // It is asked about 50 times a second and admits what it may.
    EXPECT_GE(admitted * 1000, per_second * (now.value - start.value) * 9 / 10);
  });
}

}  // namespace
}  // namespace headgate::base
