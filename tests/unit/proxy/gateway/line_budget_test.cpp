#include "proxy/gateway/line_budget.hpp"

#include <gtest/gtest.h>

namespace headgate::proxy::gateway {
namespace {

using base::monotonic_ms;
using base::severity;

int admitted(line_budget& budget, severity severity, int count, std::uint64_t now_ms) {
  int all = 0;
  for (int n = 0; n < count; ++n) all += budget.admit(severity, monotonic_ms{now_ms}) ? 1 : 0;
  return all;
}

TEST(line_budget, keeps_a_quarter_for_warnings) {
  line_budget budget(100);
  EXPECT_EQ(admitted(budget, severity::info, 1000, 5000), 75);
  EXPECT_EQ(admitted(budget, severity::warning, 1000, 5000), 25);
}

TEST(line_budget, gives_warnings_all_when_nothing_else_comes) {
  line_budget budget(100);
  EXPECT_EQ(admitted(budget, severity::warning, 1000, 5000), 100);
  EXPECT_EQ(admitted(budget, severity::info, 1000, 5000), 0);
}

TEST(line_budget, of_one_admits_one_of_each_and_of_none_nothing) {
  line_budget one(1);
  EXPECT_EQ(admitted(one, severity::info, 10, 0), 1);
  EXPECT_EQ(admitted(one, severity::warning, 10, 0), 1);
  line_budget none(0);
  EXPECT_EQ(admitted(none, severity::warning, 10, 0), 0);
  EXPECT_EQ(none.take_all(monotonic_ms{0}).warnings, 10U);
}

TEST(line_budget, tells_what_it_left_out_ten_seconds_after_the_first) {
  line_budget budget(4);
  admitted(budget, severity::info, 5, 1000);     // 3 and 2
  admitted(budget, severity::warning, 4, 2000);  // its own and the 3 of the new second
  admitted(budget, severity::warning, 7, 2000);
  EXPECT_EQ(budget.take_due(monotonic_ms{10'999}).all(), 0U);
  const auto told = budget.take_due(monotonic_ms{11'000});
  EXPECT_EQ(told.ordinary, 2U);
  EXPECT_EQ(told.warnings, 7U);
  EXPECT_EQ(told.seconds, 10U);
  EXPECT_EQ(budget.take_due(monotonic_ms{30'000}).all(), 0U);
  EXPECT_EQ(budget.take_all(monotonic_ms{30'000}).all(), 0U);
}

}  // namespace
}  // namespace headgate::proxy::gateway
