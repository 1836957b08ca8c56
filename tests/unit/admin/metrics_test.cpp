#include "admin/metrics.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <set>

#include "tests/unit/admin/fake_server.hpp"

namespace headgate::admin {
namespace {

process_numbers made_up_process() {
  return {1.5, 1000, 2000, 10, 1024, 1'700'000'000, 4};
}

std::string text_of(const measures& measures) {
  return metrics_text(metrics_of(measures, made_up_process()));
}

// The value of the line that begins with `series`, or what is wrong.
std::string value_of(const std::string& text, const std::string& series) {
  const auto at = text.find("\n" + series + " ");
  if (at == std::string::npos) return "no " + series;
  const auto begin = at + series.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(metrics, sum_over_workers) {
  const auto text = text_of(made_up_measures());
  EXPECT_EQ(value_of(text, "headgate_clients"), "20");
  EXPECT_EQ(value_of(text, "headgate_connects_total"), "41");
  EXPECT_EQ(value_of(text, "headgate_publishes_total{qos=\"1\"}"), "400");
  EXPECT_EQ(value_of(text, "headgate_deliveries_total{qos=\"2\"}"), "10");
  EXPECT_EQ(value_of(text, "headgate_disconnects_total{cause=\"operator\"}"), "6");
  EXPECT_EQ(value_of(text, "headgate_messages_dropped_total{reason=\"output_full\"}"), "14");
  EXPECT_EQ(value_of(text, "headgate_sessions{stage=\"live\"}"), "14");
  EXPECT_EQ(value_of(text, "headgate_sessions{stage=\"stored\"}"), "8");
  EXPECT_EQ(value_of(text, "headgate_build_info{version=\"0.1.0\"}"), "1");
  EXPECT_EQ(value_of(text, "process_open_fds"), "10");
}

TEST(metrics, keep_workers_and_shards_apart_where_they_matter) {
  const auto text = text_of(made_up_measures());
  EXPECT_EQ(value_of(text, "headgate_worker_turn_seconds_total{worker=\"1\",phase=\"streams\"}"), "1.5");
  EXPECT_EQ(value_of(text, "headgate_log_undelivered_records{shard=\"2\",cluster=\"b\"}"), "10");
  EXPECT_EQ(value_of(text, "headgate_queue_limit{queue=\"tail_bytes\"}"), "134217728");
}

TEST(metrics, say_what_is_wrong_with_what_is_on_disk) {
  auto measures = made_up_measures();
  measures.workers[1].shards[0].view.log_full = 1;
  measures.sessions.away = 1;
  const auto text = text_of(measures);
  EXPECT_EQ(value_of(text, "headgate_log_full{shard=\"1\",cluster=\"a\"}"), "1");
  EXPECT_EQ(value_of(text, "headgate_log_full{shard=\"2\",cluster=\"b\"}"), "0");
  EXPECT_EQ(value_of(text, "headgate_log_failed{shard=\"1\",cluster=\"a\"}"), "0");
  EXPECT_EQ(value_of(text, "headgate_log_writes_total"), "27");
  EXPECT_EQ(value_of(text, "headgate_store_away"), "1");
  EXPECT_EQ(value_of(text, "headgate_store_jobs_waiting"), "3");
  EXPECT_EQ(value_of(text, "headgate_queue_limit{queue=\"log_bytes\"}"), "3221225472");
}

TEST(metrics, say_when_certificates_and_lists_of_revoked_ones_end) {
  const auto text = text_of(made_up_measures());
  EXPECT_EQ(value_of(text, "headgate_certificate_expiry_timestamp_seconds{listener=\"tls\"}"), "1800000000");
  EXPECT_EQ(value_of(text, "headgate_certificate_expiry_timestamp_seconds{listener=\"other\"}"), "1900000000");
  EXPECT_EQ(value_of(text, "headgate_crl_expiry_timestamp_seconds{listener=\"tls\"}"), "1790000000");
  const std::string none = "headgate_crl_expiry_timestamp_seconds{listener=\"other\"}";
  EXPECT_EQ(value_of(text, none), "no " + none);
}

TEST(metrics, have_cumulative_buckets) {
  const auto text = text_of(made_up_measures());
  const std::string name = "headgate_publish_acknowledgement_seconds";
  EXPECT_EQ(value_of(text, name + "_bucket{le=\"1.6e-05\"}"), "4");
  EXPECT_EQ(value_of(text, name + "_bucket{le=\"3.2e-05\"}"), "6");
  EXPECT_EQ(value_of(text, name + "_bucket{le=\"+Inf\"}"), "8");
  EXPECT_EQ(value_of(text, name + "_count"), "8");
  EXPECT_EQ(value_of(text, name + "_sum").substr(0, 4), "2000");
}

TEST(metrics, never_go_below_zero) {
  auto measures = made_up_measures();
  for (auto& worker : measures.workers) worker.worker.gateway.sessions_behind = 100;
  EXPECT_EQ(value_of(text_of(measures), "headgate_sessions{stage=\"live\"}"), "0");
}

TEST(metrics, have_each_series_once_and_few_of_them) {
  const auto text = text_of(made_up_measures());
  std::set<std::string> seen;
  for (std::size_t at = 0; at < text.size();) {
    const auto line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    if (line[0] != '#') {
      EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
    }
  }
  EXPECT_LT(seen.size(), 300U);
}

TEST(metrics, stand_for_this_process) {
  const auto process = read_process_numbers();
  EXPECT_GT(process.resident_bytes, 1'000'000U);
  EXPECT_GT(process.virtual_bytes, process.resident_bytes);
  EXPECT_GE(process.open_descriptors, 3U);
  EXPECT_GT(process.max_descriptors, process.open_descriptors);
  EXPECT_GE(process.threads, 1U);
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(process.start_seconds, now, 3600);
}

// The conventions of Prometheus, as its own tool knows them.
TEST(metrics, please_promtool) {
  if (std::system("command -v promtool >/dev/null") != 0) GTEST_SKIP() << "promtool is not installed";
  auto* tool =
      ::popen("out=$(promtool check metrics 2>&1); status=$?; echo \"$out\"; [ $status = 0 ] && [ -z \"$out\" ]", "w");
  ASSERT_NE(tool, nullptr);
  const auto text = text_of(made_up_measures());
  EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), tool), text.size());
  const int status = ::pclose(tool);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "promtool had something to say";
}

}  // namespace
}  // namespace headgate::admin
