#include "config/reload.hpp"

#include <gtest/gtest.h>

#include <set>

#include "config/table.hpp"

namespace headgate::config {
namespace {

settings with(const std::vector<std::string>& assignments) {
  settings settings;
  for (const auto& assignment : assignments) assign(settings, assignment);
  return settings;
}

std::vector<std::string> sentences(const reload& plan) {
  std::vector<std::string> all;
  for (const auto& change : plan.changes) all.push_back(change.sentence);
  return all;
}

TEST(reload, the_same_settings_change_nothing) {
  const auto same = with({"workers=2", "listeners.lan.port=7"});
  EXPECT_TRUE(plan_reload(same, same).changes.empty());
}

TEST(reload, what_may_change_counts_and_the_rest_waits) {
  const auto plan =
      plan_reload(with({"workers=2"}), with({"workers=3", "limits.max_clients=5", "logging.format=json"}));
  EXPECT_EQ(sentences(plan), (std::vector<std::string>{
                                 "workers stays '2' until a restart makes it '3'",
                                 "logging.format is 'json' from now on; it was 'text'",
                                 "limits.max_clients is '5' from now on; it was '0'",
                             }));
  EXPECT_EQ(plan.settings.workers, 2);
  EXPECT_EQ(plan.settings.limits.max_clients, 5);
  EXPECT_EQ(plan.settings.logging.format, log_format::json);
  EXPECT_FALSE(plan.changes[0].counts);
  EXPECT_TRUE(plan.changes[1].counts);
}

TEST(reload, what_waits_is_told_again_each_time) {
  const auto next = with({"workers=3", "sys.interval_s=1"});
  const auto once = plan_reload(settings(), next);
  EXPECT_EQ(sentences(plan_reload(once.settings, next)),
            (std::vector<std::string>{"workers stays '0' until a restart makes it '3'"}));
}

TEST(reload, items_come_and_go_at_a_restart) {
  const auto plan = plan_reload(settings(), with({"listeners.lan.port=7"}));
  EXPECT_EQ(sentences(plan), (std::vector<std::string>{
                                 "listeners.lan.bind is new, and '127.0.0.1' after a restart",
                                 "listeners.lan.port is new, and '7' after a restart",
                                 "listeners.lan.transport is new, and 'tcp' after a restart",
                                 "listeners.lan.anonymous is new, and 'refuse' after a restart",
                                 "listeners.tcp.bind stays '127.0.0.1' until a restart, which takes it away",
                                 "listeners.tcp.port stays '1883' until a restart, which takes it away",
                                 "listeners.tcp.transport stays 'tcp' until a restart, which takes it away",
                                 "listeners.tcp.anonymous stays 'refuse' until a restart, which takes it away",
                             }));
  ASSERT_EQ(plan.settings.listeners.size(), 1);
  EXPECT_EQ(plan.settings.listeners[0].name, "tcp");
}

TEST(reload, these_keys_may_change) {
  std::set<std::string> keys;
  for (const auto& place : places_of(settings())) {
    if (place.key->changes == changes::at_reload) keys.insert(place.path());
  }
  EXPECT_EQ(keys, (std::set<std::string>{"limits.max_clients", "limits.max_packet_bytes", "limits.max_output_bytes",
                                         "limits.max_inflight", "limits.max_inflight_in", "limits.max_subscriptions",
                                         "limits.connect_timeout_s", "logging.format", "logging.level",
                                         "logging.client_lines_per_second", "sys.interval_s"}));
}

}  // namespace
}  // namespace headgate::config
