#include "broker/retained/filter_walk.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "mqtt/topic.hpp"
#include "tests/unit/broker/shard/topics.hpp"

namespace headgate::broker::retained {
namespace {

using list = std::vector<std::string>;

struct walked {
  list found;
  std::size_t looked_at = 0;
};

walked walk(const std::set<std::string>& topics, std::string_view filter) {
  walked walked;
  std::string target;
  auto at = topics.lower_bound(first_place(filter));
  while (at != topics.end()) {
    ++walked.looked_at;
    if (mqtt::matches(filter, *at)) walked.found.push_back(*at);
    switch (step_behind(filter, *at, target)) {
      case next_step::next:
        ++at;
        break;
      case next_step::seek:
        EXPECT_GT(target, *at) << filter;
        at = topics.lower_bound(target);
        break;
      case next_step::none:
        return walked;
    }
  }
  return walked;
}

TEST(filter_walk, looks_at_little_more_than_what_matches) {
  std::set<std::string> topics{"fleet", "$SYS/a", "$SYS/b"};
  for (int device = 0; device < 1000; ++device) {
    const auto name = "fleet/" + std::to_string(1000 + device);
    for (const auto* leaf : {"/config", "/log/1", "/log/2", "/log/3", "/name", "/status", "/version"}) {
      topics.insert(name + leaf);
    }
  }
  const auto statuses = walk(topics, "fleet/+/status");
  EXPECT_EQ(statuses.found.size(), 1000U);
  EXPECT_LE(statuses.looked_at, 3'002U);
  EXPECT_EQ(walk(topics, "fleet/+/log/+").found.size(), 3000U);
  EXPECT_LE(walk(topics, "fleet/+/log/+").looked_at, 5'002U);
  EXPECT_LE(walk(topics, "fleet/1500/#").looked_at, 8U);
  EXPECT_EQ(walk(topics, "fleet/1500/#").found.size(), 7U);
  EXPECT_LE(walk(topics, "+/1500/status").looked_at, 5U);
  EXPECT_LE(walk(topics, "fleet/+").looked_at, 1'001U);
  EXPECT_LE(walk(topics, "+").looked_at, 3U);
  EXPECT_EQ(walk(topics, "$SYS/+").found, (list{"$SYS/a", "$SYS/b"}));
  EXPECT_LE(walk(topics, "$SYS/+").looked_at, 3U);
}

TEST(filter_walk, property_finds_what_looking_at_all_finds) {
  tests::for_each_seed([](tests::dice& dice) {
    for (int round = 0; round < 2000; ++round) {
      std::set<std::string> topics;
      for (auto count = dice.below(40); count > 0; --count) {
        auto topic = tests::random_topic(dice);
        // Names that begin like others, and go on with what stands before and behind '/'.
        if (dice.one_in(3)) topic.insert(dice.below(topic.size() + 1), 1, "-0!"[dice.below(3)]);
        topics.insert(topic);
      }
      const auto filter = tests::random_filter(dice);
      list expected;
      for (const auto& topic : topics) {
        if (mqtt::matches(filter, topic)) expected.push_back(topic);
      }
      ASSERT_EQ(walk(topics, filter).found, expected) << filter;
    }
  });
}

}  // namespace
}  // namespace headgate::broker::retained
