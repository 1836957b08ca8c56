#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "shard-router/changes.hpp"
#include "shard-router/memory_cluster_config.hpp"

namespace headgate::shard_router {
namespace {

using completes = memory_cluster_config::completes;
using map_pointer = cluster_config::map_pointer;

map_pointer shared(result<shard_map> map) {
  return std::make_shared<const shard_map>(*map);
}

// Callers have to work with both.
class memory_cluster_config_test : public ::testing::TestWithParam<completes> {
 protected:
  // What a call completed with.
  std::optional<result<map_pointer>> get() {
    std::optional<result<map_pointer>> answer;
    config.get([&](auto result) { answer = result; });
    settle(answer);
    return answer;
  }
  std::optional<result<map_pointer>> set(std::uint64_t expected, const map_pointer& next) {
    std::optional<result<map_pointer>> answer;
    config.compare_and_set(expected, next, [&](auto result) { answer = result; });
    settle(answer);
    return answer;
  }
  void settle(const std::optional<result<map_pointer>>& answer) {
    EXPECT_EQ(answer.has_value(), GetParam() == completes::now);
    config.run();
    ASSERT_TRUE(answer);
  }

  memory_cluster_config config{GetParam()};
  map_pointer first = shared(make_shard_map({{"main", 1, 1}}));
  map_pointer second = shared(add_cluster(*first, {"other", 1, 1}));
  map_pointer third = shared(change_weight(*second, "other", 2));
};

TEST_P(memory_cluster_config_test, has_nothing_at_first) {
  EXPECT_EQ(**get(), nullptr);
}

TEST_P(memory_cluster_config_test, keeps_what_was_set) {
  EXPECT_EQ(**set(0, first), first);
  EXPECT_EQ(**get(), first);
  EXPECT_EQ(**set(1, second), second);
  EXPECT_EQ(**get(), second);
}

TEST_P(memory_cluster_config_test, one_of_two_that_change_the_same_version_is_told) {
  (void)set(0, first);
  const auto other = shared(add_cluster(*first, {"another", 1, 1}));
  EXPECT_TRUE(*set(1, second));
  EXPECT_EQ(set(1, other)->error(), errc::version_conflict);
  EXPECT_EQ(set(0, first)->error(), errc::version_conflict);
  EXPECT_EQ(**get(), second);
}

TEST_P(memory_cluster_config_test, shows_a_watch_the_newest_and_what_follows) {
  std::vector<std::uint64_t> seen;
  const auto watch = config.watch([&](const map_pointer& map) { seen.push_back(map->version()); });
  config.run();
  EXPECT_TRUE(seen.empty());
  (void)set(0, first);
  (void)set(1, second);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2}));
  std::vector<std::uint64_t> late;
  config.watch([&](const map_pointer& map) { late.push_back(map->version()); });
  config.run();
  EXPECT_EQ(late, std::vector<std::uint64_t>{2});
  config.unwatch(watch);
  config.unwatch(watch);
  (void)set(2, third);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(late, (std::vector<std::uint64_t>{2, 3}));
}

TEST_P(memory_cluster_config_test, shows_growing_versions_only_when_a_watch_changes_the_map) {
  config.watch([&](const map_pointer& map) {
    if (map->version() == 1) config.compare_and_set(1, second, [](auto) {});
  });
  std::vector<std::uint64_t> seen;
  config.watch([&](const map_pointer& map) { seen.push_back(map->version()); });
  (void)set(0, first);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back(), 2U);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::ranges::less_equal())) << "each once";
}

TEST_P(memory_cluster_config_test, a_watch_may_end_itself_and_others) {
  int calls = 0;
  cluster_config::watch_id own = 0;
  cluster_config::watch_id other = 0;
  own = config.watch([&](const map_pointer&) {
    ++calls;
    config.unwatch(own);
    config.unwatch(other);
  });
  other = config.watch([&](const map_pointer&) { ADD_FAILURE() << "called after unwatch"; });
  (void)set(0, first);
  (void)set(1, second);
  EXPECT_EQ(calls, 1);
}

TEST(memory_cluster_config, ending_a_watch_before_it_was_shown_anything_silences_it) {
  memory_cluster_config config(completes::later);
  config.compare_and_set(0, shared(make_shard_map({{"main", 1, 1}})), [](auto) {});
  config.run();
  const auto watch = config.watch([](const map_pointer&) { ADD_FAILURE() << "called after unwatch"; });
  config.unwatch(watch);
  config.run();
}

INSTANTIATE_TEST_SUITE_P(completing, memory_cluster_config_test, ::testing::Values(completes::now, completes::later),
                         [](const auto& test) { return test.param == completes::now ? "now" : "later"; });

}  // namespace
}  // namespace headgate::shard_router
