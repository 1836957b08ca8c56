#include "admin/readiness.hpp"

#include <gtest/gtest.h>

#include "tests/unit/admin/fake_server.hpp"

namespace headgate::admin {
namespace {

std::string failing(const std::vector<check>& checks) {
  std::string names;
  for (const auto& check : checks) {
    EXPECT_FALSE(check.why.empty()) << check.name;
    if (!check.ok) names += check.name + " ";
  }
  return names;
}

TEST(readiness, needs_every_worker) {
  readiness_history history;
  EXPECT_EQ(failing(check_readiness(made_up_measures(), false, 1, history)), "");
  EXPECT_EQ(failing(check_readiness(std::nullopt, false, 2, history)), "workers accepts logs sessions ");
}

TEST(readiness, ends_with_draining) {
  readiness_history history;
  EXPECT_EQ(failing(check_readiness(made_up_measures(), true, 1, history)), "draining ");
}

TEST(readiness, sees_a_log_that_stands_still) {
  readiness_history history;
  auto measures = made_up_measures();
  EXPECT_EQ(failing(check_readiness(measures, false, 1000, history)), "");
  EXPECT_EQ(failing(check_readiness(measures, false, 1999, history)), "") << "too soon to say";
  const auto checks = check_readiness(measures, false, 2000, history);
  EXPECT_EQ(failing(checks), "logs ");
  EXPECT_NE(checks[2].why.find("offset 40"), std::string::npos);
  for (auto& worker : measures.workers) {
    for (auto& shard : worker.shards) shard.view.delivered = 50;
  }
  measures.workers[0].sockets.accepts_paused_now = 0;
  EXPECT_EQ(failing(check_readiness(measures, false, 3000, history)), "");
  EXPECT_EQ(failing(check_readiness(measures, false, 4000, history)), "") << "nothing to commit";
}

TEST(readiness, sees_a_disk_that_takes_nothing) {
  readiness_history history;
  auto measures = made_up_measures();
  measures.workers[1].shards[0].view.log_full = 1;
  auto checks = check_readiness(measures, false, 1000, history);
  EXPECT_EQ(failing(checks), "logs ");
  EXPECT_EQ(checks[2].why, "the log of shard 1 refuses messages since the disk is full; make room");
  measures.workers[1].shards[0].view.log_failed = 1;
  checks = check_readiness(measures, false, 1001, history);
  EXPECT_EQ(failing(checks), "logs ");
  EXPECT_NE(checks[2].why.find("until a restart"), std::string::npos);
  measures = made_up_measures();
  measures.sessions.away = 1;
  EXPECT_EQ(failing(check_readiness(measures, false, 1002, history)), "sessions ");
}

TEST(readiness, sees_that_accepting_stopped) {
  readiness_history history;
  auto measures = made_up_measures();
  for (auto& worker : measures.workers) {
    for (auto& shard : worker.shards) shard.view.delivered = 50;
  }
  EXPECT_EQ(failing(check_readiness(measures, false, 1000, history)), "");
  measures.workers[0].sockets.accepts_paused_now = 1;
  EXPECT_EQ(failing(check_readiness(measures, false, 2000, history)), "accepts ");
  measures.workers[0].sockets.accepts_paused_now = 0;
  EXPECT_EQ(failing(check_readiness(measures, false, 3000, history)), "");
}

}  // namespace
}  // namespace headgate::admin
