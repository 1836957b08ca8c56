#include "broker/retained/stored_topics.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/unit/broker/shard/topics.hpp"

namespace headgate::broker::retained {
namespace {

TEST(stored_topics, a_topic_is_in_it_once) {
  const base::keyed_hash hash;
  stored_topics topics(hash);
  EXPECT_FALSE(topics.contains("a"));
  EXPECT_FALSE(topics.erase("a"));
  EXPECT_TRUE(topics.insert("a"));
  EXPECT_FALSE(topics.insert("a"));
  EXPECT_TRUE(topics.contains("a"));
  EXPECT_EQ(topics.size(), 1U);
  EXPECT_TRUE(topics.erase("a"));
  EXPECT_FALSE(topics.contains("a"));
  EXPECT_EQ(topics.size(), 0U);
}

TEST(stored_topics, costs_what_its_head_says) {
  const base::keyed_hash hash;
  stored_topics topics(hash);
  const auto empty = topics.memory();
  EXPECT_EQ(empty, 64U * 1024);
  constexpr std::size_t count = 300'000;
  for (std::size_t n = 0; n < count; ++n) topics.insert("fleet/device-" + std::to_string(n) + "/status");
  EXPECT_LE(topics.memory() - empty, count * 22);
  for (std::size_t n = 0; n < count; ++n) {
    ASSERT_TRUE(topics.contains("fleet/device-" + std::to_string(n) + "/status"));
    ASSERT_FALSE(topics.contains("fleet/device-" + std::to_string(n) + "/config"));
  }
}

TEST(stored_topics, property_like_a_set) {
  tests::for_each_seed([](tests::dice& dice) {
    const base::keyed_hash hash;
    stored_topics topics(hash);
    std::set<std::string> model;
    for (int step = 0; step < 20'000; ++step) {
      // Many, so that parts grow and gaps are closed.
      const auto topic = std::to_string(dice.below(3000)) + "/" + tests::random_topic(dice);
      if (dice.one_in(2)) {
        ASSERT_EQ(topics.insert(topic), model.insert(topic).second);
      } else {
        ASSERT_EQ(topics.erase(topic), model.erase(topic) > 0);
      }
      const auto other = std::to_string(dice.below(3000)) + "/" + tests::random_topic(dice);
      ASSERT_EQ(topics.contains(other), model.contains(other));
      ASSERT_EQ(topics.surely_none(other), !model.contains(other));
      ASSERT_EQ(topics.size(), model.size());
    }
    for (const auto& topic : model) ASSERT_TRUE(topics.erase(topic));
    EXPECT_TRUE(topics.surely_none("#"));
    for (int first = 0; first < 3000; ++first) EXPECT_TRUE(topics.surely_none(std::to_string(first) + "/#"));
  });
}

}  // namespace
}  // namespace headgate::broker::retained
