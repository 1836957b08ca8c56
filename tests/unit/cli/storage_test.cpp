#include "cli/storage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "net/system_clock.hpp"
#include "shard-router/changes.hpp"
#include "tests/support/bell.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headgate::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class remembering_log final : public base::log_sink {
 public:
  void write(const base::log_line& line) override { lines.emplace_back(line.text); }
  std::vector<std::string> lines;
};

class no_answers final : public session_store::answers {
 public:
  void on_answer(session_store::answer&&) override {}
};

shard_router::shard_map map_of(const std::vector<shard_router::cluster>& clusters) {
  return *shard_router::make_shard_map(clusters);
}

// Storage with what a worker would make of it.
class storage_test : public ::testing::Test {
 protected:
  storage_test() {
    settings_.data_dir = directory_.path();
    settings_.clusters = {{"east", 1, 2}, {"west", 1, 1}};
  }

  // The ids of all logs by their places, once these were opened and closed.
  std::map<std::string, std::uint32_t> ids() {
    const auto map = map_of(settings_.clusters);
    storage storage(settings_, map, 1, log_);
    auto engines = worker::memory_engines(settings_.limits, clock_);
    storage.choose(engines, base::worker_id{0}, clock_);
    std::map<std::string, std::uint32_t> ids;
    for (std::uint16_t n = 0; n < map.shard_count(); ++n) {
      const base::shard_id shard{n};
      ids[place_of(shard, map)] = engines.log(shard, letters_)->id();
    }
    return ids;
  }
  std::string error() {
    try {
      ids();
    } catch (const config::settings_error& error) {
      return error.what();
    }
    return "";
  }
  bool has(const std::string& name) const { return std::filesystem::exists(directory_.path() + "/" + name); }

  tests::temporary_directory directory_;
  tests::bell bell_;
  base::mailbox letters_{bell_};
  net::system_clock clock_;
  remembering_log log_;
  config::settings settings_;
};

TEST_F(storage_test, each_shard_has_a_log_of_its_own_and_finds_it_again) {
  const auto first = ids();
  ASSERT_EQ(first.size(), 3U);
  std::set<std::uint32_t> different;
  for (const auto& [place, id] : first) {
    EXPECT_NE(id, 0U);
    different.insert(id);
    EXPECT_TRUE(has("log/" + place + "/identity")) << place;
  }
  EXPECT_EQ(different.size(), 3U);
  EXPECT_TRUE(has("sessions"));
  EXPECT_EQ(ids(), first);
  EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(storage_test, a_cluster_that_comes_leaves_the_logs_of_others_where_they_are) {
  const auto before = ids();
  settings_.clusters = {{"east", 1, 2}, {"centre", 1, 1}, {"west", 1, 1}};
  const auto after = ids();
  EXPECT_EQ(after.size(), 4U);
  for (const auto& [place, id] : before) EXPECT_EQ(after.at(place), id) << place;
}

TEST_F(storage_test, a_log_in_memory_is_another_one_at_each_start) {
  settings_.log.commit = config::log_commit::memory;
  settings_.session_store.engine = config::session_engine::memory;
  const auto first = ids();
  const auto second = ids();
  for (const auto& [place, id] : first) {
    EXPECT_NE(id, 0U);
    EXPECT_NE(second.at(place), id);
  }
  EXPECT_FALSE(has("log"));
  EXPECT_FALSE(has("sessions"));
}

TEST_F(storage_test, what_was_found_is_told) {
  ids();
  {
    std::ofstream torn(directory_.path() + "/log/west/0/00000000000000000000.log", std::ios::binary);
    torn << "half a batch";
  }
  std::filesystem::remove(directory_.path() + "/log/west/0/identity");
  ids();
  ASSERT_EQ(log_.lines.size(), 1U);
  EXPECT_THAT(log_.lines[0], AllOf(StartsWith("the log of shard west/0 was not closed in order: "),
                                   HasSubstr("12 bytes of an unfinished batch cut off the end")));
}

TEST_F(storage_test, logs_of_shards_that_there_are_no_more_are_told) {
  ids();
  settings_.clusters = {{"east", 1, 1}};
  ids();
  ASSERT_EQ(log_.lines.size(), 1U);
  EXPECT_THAT(log_.lines[0], AllOf(StartsWith("in " + directory_.path() + "/log are logs of shards that the settings"),
                                   HasSubstr("reach nobody: east/1, west/0; ")));
}

TEST_F(storage_test, what_cannot_be_opened_is_told_with_what_to_do) {
  std::ofstream(directory_.path() + "/log") << "no directory";
  EXPECT_THAT(error(),
              AllOf(StartsWith("the log in " + directory_.path() + "/log cannot be used: "), Not(HasSubstr("\n"))));
  std::filesystem::remove(directory_.path() + "/log");
  std::filesystem::remove_all(directory_.path() + "/sessions");
  std::ofstream(directory_.path() + "/sessions") << "no directory";
  EXPECT_THAT(error(), AllOf(HasSubstr(directory_.path() + "/sessions"), HasSubstr("data_dir"), Not(HasSubstr("\n"))));
}

TEST_F(storage_test, sessions_of_workers_come_from_one_store) {
  const auto map = map_of(settings_.clusters);
  storage storage(settings_, map, 2, log_);
  no_answers answers;
  auto engines = worker::memory_engines(settings_.limits, clock_);
  storage.choose(engines, base::worker_id{1}, clock_);
  const auto sessions = engines.sessions(answers, letters_);
  EXPECT_EQ(sessions->view().kept, 0U);
  EXPECT_EQ(storage.view_of_sessions().away, 0U);
}

TEST(storage, says_how_many_files_it_may_open) {
  config::settings settings;
  EXPECT_EQ(files_of_storage(settings), 0U);
  settings.data_dir = "data";
  const auto with_one_shard = files_of_storage(settings);
  EXPECT_GT(with_one_shard, 256U);
  settings.clusters.front().shards = 3;
  EXPECT_GT(files_of_storage(settings), with_one_shard);
  settings.log.commit = config::log_commit::memory;
  EXPECT_LT(files_of_storage(settings), with_one_shard);
}

TEST(storage, says_what_is_kept) {
  config::settings settings;
  const auto in_memory = facts_of_storage(settings);
  EXPECT_EQ(in_memory.log, "memory");
  EXPECT_EQ(in_memory.sessions, "memory");
  EXPECT_EQ(in_memory.retention_age_s, 0U);
  EXPECT_EQ(in_memory.log_bytes_most, settings.limits.log_memory_bytes);
  settings.data_dir = "data";
  const auto on_disk = facts_of_storage(settings);
  EXPECT_EQ(on_disk.log, "os");
  EXPECT_EQ(on_disk.sessions, "embedded");
  EXPECT_EQ(on_disk.retention_age_s, 604'800U);
  EXPECT_EQ(on_disk.retention_disk_percent, 80U);
  EXPECT_EQ(on_disk.log_bytes_most, 0U);
}

}  // namespace
}  // namespace headgate::cli
