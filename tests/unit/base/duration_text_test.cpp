#include "base/duration_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::base {
namespace {

using ::testing::Optional;

TEST(duration_text, is_in_seconds_or_has_a_unit) {
  EXPECT_THAT(parse_duration("10"), Optional(10'000'000'000U));
  EXPECT_THAT(parse_duration("0"), Optional(0U));
  EXPECT_THAT(parse_duration("250us"), Optional(250'000U));
  EXPECT_THAT(parse_duration("50ms"), Optional(50'000'000U));
  EXPECT_THAT(parse_duration("1.5s"), Optional(1'500'000'000U));
  EXPECT_THAT(parse_duration("2m"), Optional(120'000'000'000U));
  EXPECT_THAT(parse_duration("1h"), Optional(3'600'000'000'000U));
}

TEST(duration_text, what_is_no_time_is_nothing) {
  for (const auto* text : {"", "s", "-1", "-0", "+1", "1 s", "1d", "1S", "1e3", "1e3s", "inf", "infs", "nan", "0x1",
                           "1ms ", "99999999999999999999h", "1000000001"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace headgate::base
