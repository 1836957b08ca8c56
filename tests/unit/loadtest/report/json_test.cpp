#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

#include "loadtest/report/read_json.hpp"
#include "loadtest/report/write_json.hpp"
#include "tests/unit/loadtest/report/sample_results.hpp"

namespace headgate::loadtest::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

double number(const report_file& report, const char* metric) {
  const auto* value = report.find(metric);
  return value == nullptr ? std::numeric_limits<double>::quiet_NaN() : *value;
}

std::string refusal(const std::string& text) {
  try {
    read_json(text, "a.json");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(json, what_was_written_is_read) {
  const auto report = read_json(write_json(bad_results()), "a.json");
  EXPECT_EQ(report.file, "a.json");
  EXPECT_EQ(report.name, "pairs");
  EXPECT_EQ(report.started, "2026-01-02T03:04:05Z");
  EXPECT_THAT(report.conditions, ElementsAre(std::pair<std::string, std::string>{"clients", "100"},
                                             std::pair<std::string, std::string>{"qos", "1"}));
  EXPECT_TRUE(report.interrupted);
  EXPECT_TRUE(report.audited);
  EXPECT_FALSE(report.audit_complete);
  EXPECT_THAT(report.failures, ElementsAre("nothing was delivered for 10 s"));
  EXPECT_THAT(report.limited, ElementsAre("its thread was busy 99 % of the time"));
}

TEST(json, numbers_have_their_unit_in_the_name) {
  const auto report = read_json(write_json(bad_results()), "a.json");
  EXPECT_EQ(number(report, "deliveries"), 1000);
  EXPECT_EQ(number(report, "deliveries_per_s"), 500);
  EXPECT_EQ(number(report, "measured_s"), 2);
  EXPECT_NEAR(number(report, "latency.deliver.p50_us"), 2000, 8);
  EXPECT_EQ(number(report, "latency.deliver.max_us"), 50'000);
  EXPECT_NEAR(number(report, "latency.deliver.p99_9_us"), 50'000, 200);
  EXPECT_DOUBLE_EQ(number(report, "server.cpu_us_per_delivery"), 10);
  EXPECT_DOUBLE_EQ(number(report, "generator.cpu_us_per_delivery"), 20);
  EXPECT_EQ(number(report, "server.calls.send"), 1000);
  EXPECT_EQ(number(report, "server.calls_per_delivery.epoll_wait"), 0.25);
  EXPECT_EQ(number(report, "audit.faults"), 45);
  EXPECT_EQ(number(report, "audit.session_lost"), 9);
  for (const auto* none : {"schema_version", "exit_status", "server.pid", "connections.reasons.connection refused"}) {
    EXPECT_EQ(report.find(none), nullptr) << none << " measures nothing";
  }
}

TEST(json, histograms_can_be_merged_from_their_steps) {
  const auto document = boost::json::parse(write_json(good_results()));
  const auto& deliver = document.at_pointer("/latency/deliver");
  std::int64_t count = 0;
  for (const auto& step : deliver.at("steps").as_array()) count += step.at(1).as_int64();
  EXPECT_EQ(count, 1000);
  EXPECT_EQ(deliver.at("count").as_int64(), 1000);
}

TEST(json, leaves_out_what_a_run_has_no_figure_for) {
  const auto report = read_json(write_json(core::results{}), "a.json");
  EXPECT_EQ(report.find("latency.deliver.p50_us"), nullptr);
  EXPECT_EQ(report.find("generator.cpu_us_per_delivery"), nullptr);
  EXPECT_EQ(report.find("generator.bytes_per_client"), nullptr);
  EXPECT_EQ(report.find("server.cpu_s"), nullptr);
  EXPECT_EQ(number(report, "deliveries_per_s"), 0);
  EXPECT_FALSE(report.audited);
}

TEST(json, leaves_out_what_was_not_measured) {
  auto results = bad_results();
  results.measured_s = 0;
  const auto report = read_json(write_json(results), "a.json");
  for (const auto* none : {"generator.cpu_s", "generator.busy_share", "generator.resident_bytes", "server.cpu_s",
                           "server.anonymous_bytes_connected", "server.anonymous_bytes_after"}) {
    EXPECT_EQ(report.find(none), nullptr) << none;
  }
  EXPECT_EQ(number(report, "server.anonymous_bytes_before"), 1 << 20);
}

TEST(json, says_what_was_not_sent_and_what_to_know) {
  const auto text = write_json(bad_results());
  const auto report = read_json(text, "a.json");
  EXPECT_EQ(number(report, "unsent"), 17);
  EXPECT_EQ(number(report, "windows_reopened"), 18);
  EXPECT_EQ(boost::json::parse(text).at_pointer("/notes/0"), "nobody receives what group p publishes");
  EXPECT_EQ(report.exit_status, 1);
}

TEST(json, holds_text_of_anybody) {
  auto results = good_results();
  results.connections.reasons = {{"\"quoted\" \xff\x1b[2J", 1}};
  const auto document = boost::json::parse(write_json(results));
  EXPECT_EQ(document.at_pointer("/connections/reasons").as_object().begin()->key(), "\"quoted\" ??[2J");
}

TEST(json, what_is_no_report_is_refused_with_a_sentence) {
  EXPECT_THAT(refusal(""), HasSubstr("a.json: is no JSON: "));
  EXPECT_THAT(refusal("[1]"), HasSubstr("a.json: is no report of headgate-loadtest"));
  EXPECT_EQ(refusal("{}"), "a.json: is no whole report of headgate-loadtest: it has no member schema_version");
  EXPECT_THAT(refusal(R"({"schema_version": 2})"), HasSubstr("schema_version is 2, and this program reads 1"));
  EXPECT_THAT(refusal(R"({"schema_version": "1"})"), HasSubstr("schema_version is not a whole number"));
  EXPECT_THAT(refusal(R"({"schema_version": 1})"), HasSubstr("it has no member name"));
  EXPECT_THAT(refusal(R"({"schema_version": 1, "name": 2})"), HasSubstr("name is not a string"));
}

TEST(json, any_part_of_a_report_is_refused_without_more_than_a_sentence) {
  const auto whole = write_json(good_results());
  for (std::size_t size = 0; size + 2 < whole.size(); size += 7) EXPECT_NE(refusal(whole.substr(0, size)), "");
}

}  // namespace
}  // namespace headgate::loadtest::report
