#include "loadtest/report/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadtest/report/write_json.hpp"
#include "tests/unit/loadtest/report/sample_results.hpp"

namespace headgate::loadtest::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Metrics of the kinds that there are: less is better, more is better, neither.
report_file with(double latency_us, double rate, double attempts) {
  report_file report;
  report.file = "x.json";
  report.name = "pairs";
  report.metrics = {
      {"deliveries_per_s", rate}, {"connections.attempts", attempts}, {"latency.deliver.p99_us", latency_us}};
  return report;
}

bool passes(const report_file& a, const report_file& b, const std::string& text) {
  const limit limits[] = {parse_limit(text)};
  return compare(a, b, limits).is_past_a_limit();
}

std::string refusal(const std::string& text) {
  try {
    passes(with(1, 1, 1), with(1, 1, 1), text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(compare, gives_the_ratio_of_b_to_a) {
  const auto found = compare(with(100, 1000, 5), with(150, 500, 5), {});
  ASSERT_EQ(found.metrics.size(), 3U);
  EXPECT_EQ(found.metrics[0].metric, "deliveries_per_s");
  EXPECT_EQ(found.metrics[0].ratio, 0.5);
  EXPECT_EQ(found.metrics[0].better, direction::more_is_better);
  EXPECT_EQ(found.metrics[1].better, direction::neither);
  EXPECT_EQ(found.metrics[2].ratio, 1.5);
  EXPECT_EQ(found.metrics[2].better, direction::less_is_better);
  EXPECT_FALSE(found.is_past_a_limit());
}

TEST(compare, where_less_is_better_b_may_be_so_many_times_a) {
  EXPECT_FALSE(passes(with(100, 1, 1), with(110, 1, 1), "latency.deliver.p99_us=1.1")) << "the limit itself is good";
  EXPECT_TRUE(passes(with(100, 1, 1), with(110.1, 1, 1), "latency.deliver.p99_us=1.1"));
  EXPECT_FALSE(passes(with(100, 1, 1), with(1, 1, 1), "latency.deliver.p99_us=1.1"));
  EXPECT_TRUE(passes(with(100, 1, 1), with(51, 1, 1), "latency.deliver.p99_us=0.5")) << "below 1: so much better";
}

TEST(compare, where_more_is_better_b_is_at_least_a_through_the_limit) {
  EXPECT_FALSE(passes(with(1, 1100, 1), with(1, 1000, 1), "deliveries_per_s=1.1"));
  EXPECT_TRUE(passes(with(1, 1100, 1), with(1, 999, 1), "deliveries_per_s=1.1"));
  EXPECT_FALSE(passes(with(1, 1000, 1), with(1, 9000, 1), "deliveries_per_s=1.1"));
  EXPECT_TRUE(passes(with(1, 1000, 1), with(1, 1900, 1), "deliveries_per_s=0.5"));
}

TEST(compare, where_neither_is_better_b_is_near_a) {
  EXPECT_FALSE(passes(with(1, 1, 100), with(1, 1, 110), "connections.attempts=1.1"));
  EXPECT_TRUE(passes(with(1, 1, 100), with(1, 1, 111), "connections.attempts=1.1"));
  EXPECT_TRUE(passes(with(1, 1, 100), with(1, 1, 90), "connections.attempts=1.1"));
  EXPECT_THAT(refusal("connections.attempts=0.9"), HasSubstr("its ratio is at least 1"));
}

TEST(compare, nothing_times_a_limit_is_nothing) {
  EXPECT_FALSE(passes(with(0, 1, 1), with(0, 1, 1), "latency.deliver.p99_us=1.1"));
  EXPECT_TRUE(passes(with(0, 1, 1), with(0.1, 1, 1), "latency.deliver.p99_us=1000"));
  EXPECT_FALSE(passes(with(1, 0, 1), with(1, 5, 1), "deliveries_per_s=1.1"));
}

TEST(compare, of_two_limits_the_stricter_counts) {
  const limit limits[] = {{"latency.deliver.p99_us", 1.1}, {"latency.deliver.p99_us", 2}};
  EXPECT_TRUE(compare(with(100, 1, 1), with(150, 1, 1), limits).is_past_a_limit());
}

TEST(compare, limits_that_are_wrong_are_told_what_is_right) {
  EXPECT_THAT(refusal("p99_us=1.1"), HasSubstr("no metric 'p99_us'; the nearest are: latency.deliver.p99_us"));
  EXPECT_THAT(refusal("delivery_per_s=1"), HasSubstr("the nearest are: deliveries_per_s"));
  EXPECT_THAT(refusal("deliveries_per_s"), HasSubstr("is not METRIC=RATIO"));
  for (const auto* text : {"x=", "x=-1", "x=0", "x=1.1x", "x=nan", "x=inf"}) {
    EXPECT_THAT(refusal(text), HasSubstr("is not a ratio above 0")) << text;
  }
  auto without = with(1, 1, 1);
  without.metrics.pop_back();
  without.file = "b.json";
  EXPECT_THROW(
      try { passes(with(1, 1, 1), without, "latency.deliver.p99_us=1"); } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "--limit: b.json has no latency.deliver.p99_us: its run did not measure it");
        throw;
      },
      std::runtime_error);
}

TEST(compare, warns_when_the_two_cannot_be_compared) {
  auto a = with(1, 1, 1);
  auto b = a;
  EXPECT_THAT(compare(a, b, {}).warnings, IsEmpty());
  a.conditions = {{"clients", "100"}, {"qos", "1"}};
  b.conditions = {{"clients", "200"}, {"size", "64"}};
  b.name = "fanout";
  b.interrupted = true;
  b.failures = {"nothing came"};
  a.limited = {"it was busy"};
  a.audit_complete = false;
  b.metrics.emplace_back("audit.faults", 3);
  EXPECT_THAT(compare(a, b, {}).warnings,
              ElementsAre("the conditions differ: the plan is pairs in A and fanout in B",
                          "the conditions differ: clients is 100 in A and 200 in B",
                          "the conditions differ: qos is 1 in A and not given in B",
                          "the conditions differ: size is not given in A and 64 in B",
                          "A (x.json) was limited by its generator: it was busy",
                          "A (x.json) has an audit whose memory did not suffice", "B (x.json) failed: nothing came",
                          "B (x.json) was interrupted", "B (x.json) found 3 faults"));
}

TEST(compare, prints_values_with_units_and_says_what_is_better) {
  const limit limits[] = {{"latency.deliver.p99_us", 1.2}};
  EXPECT_EQ(comparison_text(compare(with(100, 1000, 5), with(150, 2000, 6), limits), false),
            "files\tA\tx.json\n"
            "files\tB\tx.json\n"
            "run\tdeliveries_per_s\tA 1,000\tB 2,000\tB/A 2.000\tbetter\n"
            "connections\tconnections.attempts\tA 5\tB 6\tB/A 1.200\n"
            "latency.deliver\tlatency.deliver.p99_us\tA 100 µs\tB 150 µs\tB/A 1.500\tPAST ITS LIMIT 1.200\n"
            "\n"
            "+-----------------------------------------------------------------------------+\n"
            "| PAST A LIMIT                                                                |\n"
            "| - latency.deliver.p99_us: 100 µs in A, 150 µs in B, which is 1.500 times A; |\n"
            "|   at most 1.200 times A is allowed                                          |\n"
            "+-----------------------------------------------------------------------------+\n");
}

TEST(compare, knows_of_every_metric_whether_more_is_better) {
  EXPECT_EQ(direction_of("messages_sent_per_s"), direction::more_is_better);
  EXPECT_EQ(direction_of("messages_sent"), direction::neither);
  EXPECT_EQ(direction_of("latency.deliver.count"), direction::neither);
  EXPECT_EQ(direction_of("generator.lag.p99_us"), direction::less_is_better);
  EXPECT_EQ(direction_of("server.cpu_s"), direction::neither);
  EXPECT_EQ(direction_of("server.cpu_us_per_delivery"), direction::less_is_better);
  EXPECT_EQ(direction_of("server.calls.send"), direction::neither);
  EXPECT_EQ(direction_of("server.calls_per_delivery.send"), direction::less_is_better);
  EXPECT_EQ(direction_of("audit.lost"), direction::less_is_better);
  EXPECT_EQ(direction_of("audit.required"), direction::neither);
}

TEST(compare, fails_when_b_is_bad_by_itself) {
  auto a = with(1, 1, 1);
  auto b = a;
  a.exit_status = 1;
  EXPECT_EQ(compare(a, b, {}).exit_status(), 0) << "one compares with A, whatever it is";
  b.exit_status = 1;
  EXPECT_EQ(compare(a, b, {}).exit_status(), 1);
  EXPECT_THAT(comparison_text(compare(a, b, {}), false), HasSubstr("| B IS NOT GOOD BY ITSELF "));
}

TEST(compare, bears_whole_reports) {
  const auto a = read_json(write_json(good_results()), "a.json");
  const auto b = read_json(write_json(bad_results()), "b.json");
  const auto text = comparison_text(compare(a, b, {}), true);
  EXPECT_THAT(text, HasSubstr("generator.cpu_us_per_delivery"));
  EXPECT_THAT(text, HasSubstr("COMPARE WITH CARE"));
}

}  // namespace
}  // namespace headgate::loadtest::report
