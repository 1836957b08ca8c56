#include "admin/sys_topics.hpp"

#include <gtest/gtest.h>

#include "tests/unit/admin/fake_server.hpp"

namespace headgate::admin {
namespace {

std::map<std::string, std::string> by_topic(const std::vector<sys_value>& values) {
  std::map<std::string, std::string> map;
  for (const auto& [topic, text] : values) {
    EXPECT_TRUE(map.emplace(topic.substr(std::string("$SYS/broker/").size()), text).second) << topic << " twice";
    EXPECT_EQ(topic.rfind("$SYS/broker/", 0), 0U);
  }
  return map;
}

constexpr std::uint64_t start_ms = 1'000'000;  // as made_up_measures() has it

TEST(sys_topics, are_those_of_mosquitto) {
  sys_history history;
  auto values = by_topic(sys_topics(made_up_measures(), {start_ms + 123'456, 4096}, history));
  EXPECT_EQ(values["version"], "headgate 0.1.0");
  EXPECT_EQ(values["uptime"], "123 seconds");
  EXPECT_EQ(values["clients/total"], "28");
  EXPECT_EQ(values["clients/connected"], "20");
  EXPECT_EQ(values["clients/inactive"], "8");
  EXPECT_EQ(values["messages/received"], "2000");
  EXPECT_EQ(values["publish/messages/received"], "600");
  EXPECT_EQ(values["retained messages/count"], "6");
  EXPECT_EQ(values["store/messages/count"], "141");
  EXPECT_EQ(values["heap/current"], "4096");
  for (const char* name : {"messages/received", "messages/sent", "publish/dropped", "publish/received", "publish/sent",
                           "bytes/received", "bytes/sent", "sockets", "connections"}) {
    for (const char* period : {"1min", "5min", "15min"}) {
      EXPECT_EQ(values["load/" + std::string(name) + "/" + period], "0.00");
    }
  }
  // Everything that mosquitto 2.0.11 publishes at its start, but for clients/expired; and clients/maximum.
  EXPECT_EQ(values.size(), 52U);
}

TEST(sys_topics, come_again_when_they_changed) {
  sys_history history;
  auto measures = made_up_measures();
  sys_topics(measures, {start_ms + 10'000, 4096}, history);
  measures.workers[0].worker.gateway.clients = 9;
  const auto values = by_topic(sys_topics(measures, {start_ms + 20'000, 4000}, history));
  const std::map<std::string, std::string> expected = {{"uptime", "20 seconds"},
                                                       {"clients/total", "27"},
                                                       {"clients/connected", "19"},
                                                       {"clients/active", "19"},
                                                       {"heap/current", "4000"}};
  EXPECT_EQ(values, expected);
}

TEST(sys_topics, average_over_minutes) {
  sys_history history;
  auto measures = made_up_measures();
  sys_topics(measures, {start_ms + 10'000, 0}, history);
  measures.workers[0].worker.gateway.connects += 10;
  auto values = by_topic(sys_topics(measures, {start_ms + 20'000, 0}, history));
  // 60 a minute, seen for 10 s: 60 * (1 - exp(-10 / 60)).
  EXPECT_EQ(values["load/connections/1min"], "9.21");
  EXPECT_EQ(values["load/connections/5min"], "1.97");
  EXPECT_EQ(values["load/connections/15min"], "0.66");
  values = by_topic(sys_topics(measures, {start_ms + 30'000, 0}, history));
  EXPECT_EQ(values["load/connections/1min"], "7.80");
}

TEST(sys_topics, bear_a_clock_that_goes_back) {
  sys_history history;
  sys_topics(made_up_measures(), {start_ms + 10'000, 0}, history);
  const auto values = by_topic(sys_topics(made_up_measures(), {start_ms - 10'000, 0}, history));
  EXPECT_EQ(values.at("uptime"), "0 seconds");
}

}  // namespace
}  // namespace headgate::admin
