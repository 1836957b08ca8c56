#include "cli/stats.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::cli {
namespace {

// The members of a JSON object of whole numbers on one line, or nothing if the text is anything else.
std::optional<std::map<std::string, std::uint64_t>> parse(std::string_view text) {
  std::map<std::string, std::uint64_t> members;
  const auto take = [&](std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
  };
  const auto take_while = [&](std::string_view allowed) {
    const auto taken = text.substr(0, text.find_first_not_of(allowed));
    text.remove_prefix(taken.size());
    return std::string(taken);
  };
  if (!take("{")) return std::nullopt;
  do {
    if (!take("\"")) return std::nullopt;
    const auto name = take_while("abcdefghijklmnopqrstuvwxyz0123456789_");
    if (name.empty() || !take("\": ")) return std::nullopt;
    const auto digits = take_while("0123456789");
    if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    if (!members.emplace(name, std::stoull(digits)).second) return std::nullopt;
  } while (take(", "));
  return take("}") && text.empty() ? std::optional(members) : std::nullopt;
}

TEST(stats_line, is_one_json_object_of_numbers) {
  const auto members = parse(stats_line({}, {}, {}));
  ASSERT_TRUE(members);
  EXPECT_GT(members->size(), 30U);
  for (const auto& [name, value] : *members) EXPECT_EQ(value, 0U) << name;
}

TEST(stats_line, shows_each_part_of_the_counters) {
  worker::worker_view worker;
  worker.turns = 1;
  worker.gateway.publishes_in_qos0 = 20;
  worker.gateway.publishes_in_qos1 = 3;
  worker.gateway.deliveries_out_qos1 = ~std::uint64_t{0};
  worker.shard.topic_lookups = 23;
  worker.shard.log_end = 3;
  worker.shard.log_bytes = 77;
  worker.shard.log_full = 2;
  worker.gateway.subscriptions = 9;
  worker.gateway.publish_to_delivery.add(100, 4);
  worker.store.kept = 5;
  worker.phase_ns[static_cast<std::size_t>(worker::phase::flush)] = 55;
  worker.idle_ns = 66;
  proxy::listener::listener_view listener;
  listener.bytes_in = 4000;
  session_store::embedded::store_thread_view sessions;
  sessions.jobs = 88;
  sessions.away = 1;
  const auto members = parse(stats_line(worker, listener, sessions));
  ASSERT_TRUE(members);
  EXPECT_EQ(members->at("turns"), 1U);
  EXPECT_EQ(members->at("publishes_in"), 23U);
  EXPECT_EQ(members->at("publishes_in_qos0"), 20U);
  EXPECT_EQ(members->at("publishes_in_qos1"), 3U);
  EXPECT_EQ(members->at("deliveries_out"), ~std::uint64_t{0});
  EXPECT_EQ(members->at("topic_lookups"), 23U);
  EXPECT_EQ(members->at("log_end"), 3U);
  EXPECT_EQ(members->at("log_bytes"), 77U);
  EXPECT_EQ(members->at("subscriptions"), 9U);
  EXPECT_EQ(members->at("deliveries_timed"), 4U);
  EXPECT_EQ(members->at("deliveries_sum_us"), 400U);
  EXPECT_EQ(members->at("sessions_kept"), 5U);
  EXPECT_EQ(members->at("flush_ns"), 55U);
  EXPECT_EQ(members->at("idle_ns"), 66U);
  EXPECT_EQ(members->at("bytes_in"), 4000U);
  EXPECT_EQ(members->at("log_full"), 2U);
  EXPECT_EQ(members->at("store_jobs"), 88U);
  EXPECT_EQ(members->at("store_away"), 1U);
}

}  // namespace
}  // namespace headgate::cli
