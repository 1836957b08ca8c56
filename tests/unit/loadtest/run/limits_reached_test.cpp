#include "loadtest/run/limits_reached.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::loadtest::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint64_t ms = 1'000'000;

core::results with_lag(std::uint64_t in_time, std::uint64_t late, std::uint64_t lag_ns) {
  core::results results;
  results.generator.lag.record(5'000, in_time);
  results.generator.lag.record(lag_ns, late);
  results.deliver.record(2 * ms, in_time + late);
  return results;
}

TEST(limits_reached, a_good_run_has_none) {
  EXPECT_THAT(limits_reached(core::results{}), IsEmpty());
  EXPECT_THAT(limits_reached(with_lag(1'000, 0, 0)), IsEmpty());
}

TEST(limits_reached, a_thread_that_never_waits) {
  core::results results;
  results.generator.busy = 0.89;
  EXPECT_THAT(limits_reached(results), IsEmpty());
  results.generator.busy = 0.95;
  EXPECT_THAT(limits_reached(results), ElementsAre(HasSubstr("busy for 95 % of the time")));
}

TEST(limits_reached, many_messages_are_judged_by_their_slowest) {
  EXPECT_THAT(limits_reached(with_lag(989, 11, 1 * ms)), ElementsAre(HasSubstr("1 % of the messages left more than ")));
  EXPECT_THAT(limits_reached(with_lag(1'500, 11, 1 * ms)), IsEmpty());
}

// The 99th percentile of 50 is their maximum.
TEST(limits_reached, few_messages_are_judged_by_their_mean) {
  EXPECT_THAT(limits_reached(with_lag(49, 1, 8 * ms)), IsEmpty()) << "165 µs on average";
  EXPECT_THAT(limits_reached(with_lag(25, 25, 8 * ms)),
              ElementsAre(HasSubstr("its 50 messages left 4002 µs on average after they were due")));
}

TEST(limits_reached, a_lag_that_is_little_of_the_latencies_is_none) {
  auto results = with_lag(0, 1'000, 1 * ms);
  EXPECT_EQ(limits_reached(results).size(), 1U);
  results.deliver.record(100 * ms, 1'000);
  EXPECT_THAT(limits_reached(results), IsEmpty());
  EXPECT_EQ(limits_reached(with_lag(0, 1'000, 11 * ms)).size(), 1U);
}

}  // namespace
}  // namespace headgate::loadtest::run
