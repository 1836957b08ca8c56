#include "broker/log/topic_places.hpp"

#include <gtest/gtest.h>

namespace headgate::broker::log {
namespace {

places_key key_of(std::uint64_t segment, std::uint64_t hash, std::string text = {}) {
  return {offset{segment}, hash, std::move(text)};
}

topic_places chain_of(std::size_t positions) {
  topic_places places;
  places.state = topic_places::state::chained;
  places.positions.resize(positions);
  return places;
}

TEST(topic_places, finds_what_was_kept_last) {
  places_cache cache(1 << 20);
  EXPECT_EQ(cache.find(key_of(1, 2)), nullptr);
  cache.keep(key_of(1, 2), chain_of(3), false);
  cache.keep(key_of(1, 2), chain_of(4), false);
  cache.keep(key_of(1, 3), chain_of(5), false);
  cache.keep(key_of(2, 2), chain_of(6), false);
  cache.keep(key_of(1, 2, "text"), chain_of(7), false);
  EXPECT_EQ(cache.find(key_of(1, 2))->positions.size(), 4U);
  EXPECT_EQ(cache.find(key_of(1, 3))->positions.size(), 5U);
  EXPECT_EQ(cache.find(key_of(2, 2))->positions.size(), 6U);
  EXPECT_EQ(cache.find(key_of(1, 2, "text"))->positions.size(), 7U);
  cache.forget(offset{1});
  EXPECT_EQ(cache.find(key_of(1, 2)), nullptr);
  EXPECT_EQ(cache.find(key_of(1, 2, "text")), nullptr);
  EXPECT_NE(cache.find(key_of(2, 2)), nullptr);
}

TEST(topic_places, what_was_not_used_for_the_longest_time_goes) {
  places_cache cache(10'000);
  for (std::uint64_t hash = 0; hash < 100; ++hash) {
    cache.keep(key_of(1, hash), chain_of(100), false);  // 400 bytes and more
    EXPECT_NE(cache.find(key_of(1, 0)), nullptr);
  }
  std::size_t left = 0;
  for (std::uint64_t hash = 0; hash < 100; ++hash) left += cache.find(key_of(1, hash)) != nullptr ? 1 : 0;
  EXPECT_GT(left, 10U);
  EXPECT_LT(left, 20U);
  EXPECT_NE(cache.find(key_of(1, 99)), nullptr);
  // However large, the newest stays.
  cache.keep(key_of(1, 7), chain_of(100'000), false);
  EXPECT_NE(cache.find(key_of(1, 7)), nullptr);
  EXPECT_EQ(cache.find(key_of(1, 99)), nullptr);
}

TEST(topic_places, what_somebody_waits_for_stays_until_it_was_found) {
  places_cache cache(1);
  for (std::uint64_t hash = 0; hash < 10; ++hash) cache.keep(key_of(1, hash), chain_of(100), true);
  EXPECT_EQ(cache.awaited(), 10U);
  for (std::uint64_t hash = 0; hash < 5; ++hash) EXPECT_NE(cache.find(key_of(1, hash)), nullptr);
  EXPECT_EQ(cache.awaited(), 5U);
  cache.keep(key_of(2, 1), chain_of(1), false);
  EXPECT_EQ(cache.find(key_of(1, 0)), nullptr);
  EXPECT_NE(cache.find(key_of(1, 9)), nullptr);
  cache.forget(offset{1});
  EXPECT_EQ(cache.awaited(), 0U);
}

TEST(topic_places, after_many_other_questions_nobody_waits_any_more) {
  places_cache cache(1);
  cache.keep(key_of(1, 1), chain_of(1), true);
  for (int n = 0; n < 3000; ++n) cache.count_miss();
  cache.keep(key_of(1, 2), chain_of(1), true);
  EXPECT_EQ(cache.awaited(), 2U);
  for (int n = 0; n < 3000; ++n) cache.count_miss();
  EXPECT_EQ(cache.awaited(), 1U);
  for (int n = 0; n < 3000; ++n) cache.count_miss();
  EXPECT_EQ(cache.awaited(), 0U);
}

}  // namespace
}  // namespace headgate::broker::log
