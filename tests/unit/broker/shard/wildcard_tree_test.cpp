#include "broker/shard/wildcard_tree.hpp"

#include <map>
#include <set>

#include "mqtt/topic.hpp"
#include "tests/unit/broker/shard/topics.hpp"

namespace headgate::broker::shard {
namespace {

route made(std::uint32_t filter) {
  return {base::worker_id{static_cast<std::uint16_t>(filter % 2)}, link::filter_id{filter}};
}

std::multiset<std::uint32_t> matched(const wildcard_tree& tree, const std::string& topic) {
  std::vector<route> found;
  tree.match(topic, found);
  std::multiset<std::uint32_t> ids;
  for (const auto& route : found) ids.insert(route.filter.value);
  return ids;
}

using version_list = std::array<std::uint32_t, 256>;

version_list versions(const wildcard_tree& tree) {
  version_list all;
  for (std::size_t bucket = 0; bucket < all.size(); ++bucket) {
    all[bucket] = tree.version_of(static_cast<std::uint8_t>(bucket));
  }
  return all;
}

// A change of a filter concerns the bucket of its first level, or all when that is a wildcard.
void expect_versions(const version_list& before, const version_list& after, const std::string& filter, bool changed) {
  const bool leading = filter.front() == '+' || filter.front() == '#';
  const auto own = wildcard_tree::bucket_of(filter);
  std::size_t wrong = 0;
  for (std::size_t bucket = 0; bucket < before.size(); ++bucket) {
    const bool wanted = changed && (leading || bucket == own);
    if (after[bucket] == 0 || (before[bucket] != after[bucket]) != wanted) ++wrong;
  }
  EXPECT_EQ(wrong, 0U) << filter;
}

TEST(wildcard_tree, the_standards_own_examples) {
  wildcard_tree tree;
  const std::vector<std::string> filters = {
      "sport/tennis/player1/#", "sport/#", "sport/tennis/+", "+", "+/+", "/+", "#", "$SYS/#", "$SYS/monitor/+", "+/#"};
  for (std::uint32_t id = 0; id < filters.size(); ++id) tree.insert(filters[id], made(id));
  using ids = std::multiset<std::uint32_t>;
  EXPECT_EQ(matched(tree, "sport/tennis/player1"), (ids{0, 1, 2, 6, 9}));
  EXPECT_EQ(matched(tree, "sport/tennis/player1/score/wimbledon"), (ids{0, 1, 6, 9}));
  EXPECT_EQ(matched(tree, "sport"), (ids{1, 3, 6, 9}));
  EXPECT_EQ(matched(tree, "sport/"), (ids{1, 4, 6, 9}));
  EXPECT_EQ(matched(tree, "/finance"), (ids{4, 5, 6, 9}));
  EXPECT_EQ(matched(tree, "$SYS/monitor/Clients"), (ids{7, 8}));
  EXPECT_EQ(matched(tree, "$SYS"), (ids{7}));
}

TEST(wildcard_tree, a_filter_of_200_levels) {
  std::string topic = "a";
  for (std::size_t n = 1; n < mqtt::max_topic_levels; ++n) topic += "/a";
  std::string filter = topic;
  filter.back() = '#';
  wildcard_tree tree;
  tree.insert(filter, made(1));
  EXPECT_EQ(matched(tree, topic).size(), 1U);
  EXPECT_EQ(matched(tree, topic.substr(0, topic.size() - 2)).size(), 1U);
  EXPECT_EQ(matched(tree, topic.substr(0, topic.size() - 4)).size(), 0U);
  tree.erase(filter, made(1));
  EXPECT_TRUE(tree.empty());
}

TEST(wildcard_tree, property_like_mqtt_matches_and_versions_change_exactly_when_needed) {
  tests::for_each_seed([](tests::dice& dice) {
    wildcard_tree tree;
    std::map<std::string, std::set<std::uint32_t>> model;
    std::size_t routes = 0;
    for (int step = 0; step < 1500 && !::testing::Test::HasFailure(); ++step) {
      const auto filter = tests::random_wildcard_filter(dice);
      const auto id = dice.below(3);
      const auto before = versions(tree);
      bool changed = false;
      // Grows for a while, then shrinks.
      if (dice.below(10) < (step / 250 % 2 == 0 ? 8U : 3U)) {
        tree.insert(filter, made(id));
        changed = model[filter].insert(id).second;
        routes += changed ? 1 : 0;
      } else {
        tree.erase(filter, made(id));
        const auto held = model.find(filter);
        changed = held != model.end() && held->second.erase(id) == 1;
        routes -= changed ? 1 : 0;
        if (held != model.end() && held->second.empty()) model.erase(held);
      }
      expect_versions(before, versions(tree), filter, changed);
      ASSERT_EQ(tree.empty(), routes == 0);
      for (int n = 0; n < 3; ++n) {
        const auto topic = tests::random_topic(dice);
        std::multiset<std::uint32_t> expected;
        for (const auto& [other, ids] : model) {
          if (mqtt::matches(other, topic)) expected.insert(ids.begin(), ids.end());
        }
        ASSERT_EQ(matched(tree, topic), expected) << topic;
      }
    }
  });
}

TEST(wildcard_tree, erasing_everything_leaves_nothing) {
  tests::for_each_seed([](tests::dice& dice) {
    wildcard_tree tree;
    std::set<std::string> filters;
    for (int n = 0; n < 500; ++n) filters.insert(tests::random_wildcard_filter(dice));
    for (const auto& filter : filters) tree.insert(filter, made(1));
    EXPECT_FALSE(tree.empty());
    for (const auto& filter : filters) tree.erase(filter, made(1));
    EXPECT_TRUE(tree.empty());
    for (int n = 0; n < 500; ++n) EXPECT_TRUE(matched(tree, tests::random_topic(dice)).empty());
  });
}

}  // namespace
}  // namespace headgate::broker::shard
