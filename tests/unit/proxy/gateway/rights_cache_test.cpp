#include "proxy/gateway/rights_cache.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

#include "base/hash.hpp"
#include "tests/unit/property.hpp"

namespace headgate::proxy::gateway {
namespace {

constexpr base::client_ref client{1, 7};

TEST(rights_cache, knows_what_it_was_told_of_that_right_client_topic_and_version_alone) {
  rights_cache cache;
  EXPECT_EQ(cache.find(client, "a", 1, 3, right::read), std::nullopt);
  cache.keep(client, "a", 1, 3, right::read, true);
  EXPECT_EQ(cache.find(client, "a", 1, 3, right::read), true);
  EXPECT_EQ(cache.find(client, "a", 1, 3, right::write), std::nullopt);
  cache.keep(client, "a", 1, 3, right::write, false);
  EXPECT_EQ(cache.find(client, "a", 1, 3, right::read), true);
  EXPECT_EQ(cache.find(client, "a", 1, 3, right::write), false);
  EXPECT_EQ(cache.find({1, 8}, "a", 1, 3, right::read), std::nullopt) << "the next client of that number";
  EXPECT_EQ(cache.find({2, 7}, "a", 1, 3, right::read), std::nullopt);
  EXPECT_EQ(cache.find(client, "a", 1, 4, right::read), std::nullopt) << "other rules";
}

TEST(rights_cache, gives_no_verdict_for_another_topic_of_the_same_hash) {
  rights_cache cache;
  cache.keep(client, "open", 5, 1, right::read, true);
  EXPECT_EQ(cache.find(client, "secret", 5, 1, right::read), std::nullopt);
  cache.keep(client, "secret", 5, 1, right::read, false);
  EXPECT_EQ(cache.find(client, "secret", 5, 1, right::read), false);
  EXPECT_EQ(cache.find(client, "open", 5, 1, right::read), true) << "the other place of the set";
}

TEST(rights_cache, keeps_topics_of_any_size_up_to_its_longest_whole) {
  rights_cache cache;
  const std::string longest(rights_cache::longest_topic, 'x');
  cache.keep(client, longest, 9, 1, right::read, true);
  EXPECT_EQ(cache.find(client, longest, 9, 1, right::read), true);
  EXPECT_EQ(cache.find(client, longest.substr(1), 9, 1, right::read), std::nullopt);
  cache.keep(client, longest + "x", 10, 1, right::read, true);
  EXPECT_EQ(cache.find(client, longest + "x", 10, 1, right::read), std::nullopt);
}

// Whatever was forgotten: what it says is what it was told last.
TEST(rights_cache, agrees_with_a_map) {
  tests::for_each_seed([](tests::dice& dice) {
    rights_cache cache;
    std::map<std::tuple<std::uint32_t, std::string, std::uint32_t, right>, bool> told;
    std::uint64_t known = 0;
    for (int n = 0; n < 20'000; ++n) {
      const base::client_ref who{dice.below(30), 1};
      const auto topic = "t/" + std::to_string(dice.below(2000));
      const auto version = 1 + dice.below(2);
      const auto which = dice.one_in(2) ? right::read : right::write;
      const auto hash = dice.one_in(20) ? 1 : base::hash_of(topic);
      const auto found = cache.find(who, topic, hash, version, which);
      const auto expected = told.find({who.index, topic, version, which});
      if (found) {
        ++known;
        ASSERT_TRUE(expected != told.end() && expected->second == *found);
      }
      // Rules give one answer: what was told once is told again.
      const bool verdict = expected == told.end() ? dice.one_in(2) : expected->second;
      cache.keep(who, topic, hash, version, which, verdict);
      told[{who.index, topic, version, which}] = verdict;
      ASSERT_EQ(cache.find(who, topic, hash, version, which), verdict);
    }
    ASSERT_GT(known, 100U);
  });
}

}  // namespace
}  // namespace headgate::proxy::gateway
