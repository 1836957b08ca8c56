#include "shard-router/routing_key.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "mqtt/topic.hpp"
#include "shard-router/slot.hpp"
#include "tests/unit/property.hpp"

namespace headgate::shard_router {
namespace {

using tests::dice;

std::string join(const std::vector<std::string>& levels, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "/" : "") + levels[i];
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> levels(1);
  for (const char c : text) {
    if (c == '/')
      levels.emplace_back();
    else
      levels.back() += c;
  }
  return levels;
}

std::string naive_key(const std::string& topic, std::uint32_t key_levels) {
  const auto levels = split(topic);
  return key_levels == 0 ? topic : join(levels, std::min<std::size_t>(levels.size(), key_levels));
}

// Few different levels, so that filters and topics often meet. Empty levels too, and '$'.
std::string any_level(dice& dice) {
  static const std::vector<std::string> levels = {"a", "b", "", "$x"};
  return levels[dice.below(levels.size())];
}

std::string any_topic(dice& dice) {
  std::vector<std::string> levels(1 + dice.below(4));
  for (auto& level : levels) level = any_level(dice);
  const auto topic = join(levels, levels.size());
  return topic.empty() ? "a" : topic;
}

std::string any_filter(dice& dice) {
  auto levels = split(any_topic(dice));
  for (auto& level : levels) {
    if (dice.one_in(4)) level = "+";
  }
  if (dice.one_in(3)) levels.emplace_back("#");
  return join(levels, levels.size());
}

TEST(routing_key, is_the_topic_or_its_first_levels) {
  EXPECT_EQ(routing_key("a/b/c", 0), "a/b/c");
  EXPECT_EQ(routing_key("a/b/c", 1), "a");
  EXPECT_EQ(routing_key("a/b/c", 2), "a/b");
  EXPECT_EQ(routing_key("a/b/c", 3), "a/b/c");
  EXPECT_EQ(routing_key("a/b/c", 16), "a/b/c");
  EXPECT_EQ(routing_key("/a", 1), "");
  EXPECT_EQ(routing_key("//a", 2), "/");
  EXPECT_EQ(routing_key("a/", 1), "a");
  EXPECT_EQ(routing_key("a/", 2), "a/");
}

TEST(routing_key, of_a_filter_whose_key_levels_are_literal) {
  EXPECT_EQ(routing_key_of_filter("a/b", 0), "a/b");
  EXPECT_EQ(routing_key_of_filter("a/+", 0), std::nullopt);
  EXPECT_EQ(routing_key_of_filter("a/b/#", 2), "a/b");
  EXPECT_EQ(routing_key_of_filter("a/b/#", 1), "a");
  EXPECT_EQ(routing_key_of_filter("a/b/#", 3), std::nullopt);
  EXPECT_EQ(routing_key_of_filter("a/b/+/c", 2), "a/b");
  EXPECT_EQ(routing_key_of_filter("a/b", 3), "a/b");
  EXPECT_EQ(routing_key_of_filter("+/b", 1), std::nullopt);
  EXPECT_EQ(routing_key_of_filter("#", 1), std::nullopt);
  EXPECT_EQ(routing_key_of_filter("/#", 1), "");
}

TEST(routing_key, agrees_with_a_naive_one) {
  tests::for_each_seed([](dice& dice) {
    for (int i = 0; i < 20'000; ++i) {
      const auto topic = any_topic(dice);
      const auto levels = dice.below(6);
      ASSERT_EQ(routing_key(topic, levels), naive_key(topic, levels)) << topic << " " << levels;
    }
  });
}

TEST(routing_key, of_a_filter_is_that_of_each_topic_it_matches) {
  tests::for_each_seed([](dice& dice) {
    int met = 0;
    for (int i = 0; i < 100'000; ++i) {
      const auto filter = any_filter(dice);
      const auto topic = any_topic(dice);
      const auto levels = dice.below(6);
      const auto key = routing_key_of_filter(filter, levels);
      ASSERT_TRUE(mqtt::is_valid_topic_filter(filter)) << filter;
      if (!key || !mqtt::matches(filter, topic)) continue;
      ++met;
      ASSERT_EQ(*key, naive_key(topic, levels)) << filter << " " << topic << " " << levels;
    }
    EXPECT_GT(met, 1'000);
  });
}

// The other direction: a filter without a key has topics with different keys, so that no slot is asked in vain.
TEST(routing_key, is_missing_only_if_a_filter_has_several) {
  tests::for_each_seed([](dice& dice) {
    for (int i = 0; i < 1'000; ++i) {
      const auto filter = any_filter(dice);
      const auto levels = dice.below(6);
      if (routing_key_of_filter(filter, levels)) continue;
      std::set<std::string> keys;
      for (const std::string with : {"u", "v"}) {
        std::string topic;
        for (const char c : filter) topic += c == '+' || c == '#' ? with : std::string(1, c);
        ASSERT_TRUE(mqtt::matches(filter, topic));
        keys.insert(naive_key(topic, levels));
      }
      ASSERT_EQ(keys.size(), 2U) << filter << " " << levels;
    }
  });
}

TEST(slot, is_the_same_on_every_machine) {
  EXPECT_EQ(slot_of(base::hash_of("")), slot{0x14c2});  // XXH3-64 of nothing: 2d06800538d394c2
  EXPECT_EQ(slot_of(base::hash_of("a/b")), slot{0x604});
  EXPECT_EQ(slot_of(base::hash_of("fleet/7/speed")), slot{0xb6f});
}

TEST(slot, goes_to_each_shard_of_a_cluster_equally_often) {
  for (std::uint32_t shards = 1; shards <= 64; ++shards) {
    std::vector<std::uint32_t> counts(shards);
    for (std::uint16_t i = 0; i < slot_count; ++i) ++counts.at(shard_in_cluster(slot{i}, shards));
    const auto [least, most] = std::ranges::minmax(counts);
    EXPECT_LE(most - least, 1U) << shards;
  }
}

TEST(slot, stays_at_its_shard_for_life) {
  EXPECT_EQ(shard_in_cluster(slot{1}, 4), 1);
  EXPECT_EQ(shard_in_cluster(slot{2}, 4), 3);
  EXPECT_EQ(shard_in_cluster(slot{12'345}, 7), 1);
  EXPECT_EQ(shard_in_cluster(slot{16'383}, 64), 33);
}

}  // namespace
}  // namespace headgate::shard_router
