#include "proxy/auth/failure_limit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/limits.hpp"
#include "tests/unit/property.hpp"

namespace headgate::proxy::auth {
namespace {

using base::monotonic_ms;

constexpr monotonic_ms start{1'000'000};
constexpr auto burst = base::wrong_passwords_in_a_row;
constexpr auto pause = base::wrong_password_pause_ms;

std::uint32_t take_all(failure_limit& limit, std::uint64_t network, monotonic_ms now) {
  std::uint32_t taken = 0;
  while (limit.take(network, now)) ++taken;
  return taken;
}

TEST(failure_limit, so_many_at_once_and_then_one_each_pause) {
  failure_limit limit(1);
  EXPECT_EQ(take_all(limit, 7, start), burst);
  EXPECT_FALSE(limit.take(7, monotonic_ms{start.value + pause - 1}));
  EXPECT_TRUE(limit.take(7, monotonic_ms{start.value + pause}));
  EXPECT_FALSE(limit.take(7, monotonic_ms{start.value + pause}));
  EXPECT_EQ(take_all(limit, 7, monotonic_ms{start.value + 5 * pause}), 4U);
  EXPECT_EQ(take_all(limit, 7, monotonic_ms{start.value + 3'600'000}), burst);
}

TEST(failure_limit, what_is_given_back_can_be_taken_again) {
  failure_limit limit(1);
  EXPECT_EQ(take_all(limit, 7, start), burst);
  limit.give_back(7, start);
  EXPECT_TRUE(limit.take(7, start));
  EXPECT_FALSE(limit.take(7, start));
  for (std::uint32_t n = 0; n < 3 * burst; ++n) limit.give_back(7, start);
  EXPECT_EQ(take_all(limit, 7, start), burst);
}

TEST(failure_limit, addresses_do_not_share_tokens) {
  failure_limit limit(1);
  EXPECT_EQ(take_all(limit, 7, start), burst);
  EXPECT_EQ(take_all(limit, 8, start), burst);
  limit.give_back(9, start);
  EXPECT_FALSE(limit.take(7, start));
}

TEST(failure_limit, takes_memory_with_the_first_that_it_counts) {
  failure_limit limit(1);
  limit.give_back(7, start);
  EXPECT_EQ(limit.memory_bytes(), 0U);
  EXPECT_TRUE(limit.take(7, start));
  EXPECT_EQ(limit.memory_bytes(), base::failing_addresses * 16);
}

TEST(failure_limit, a_newcomer_has_all_its_tokens_however_many_came_before) {
  failure_limit limit(1);
  for (std::uint64_t network = 1; network <= 20 * base::failing_addresses; ++network) {
    ASSERT_EQ(take_all(limit, network, start), burst) << network;
  }
}

TEST(failure_limit, nearly_all_of_half_as_many_as_there_are_places_are_remembered) {
  failure_limit limit(1);
  const auto addresses = base::failing_addresses / 2;
  for (std::uint64_t network = 1; network <= addresses; ++network) take_all(limit, network, start);
  std::size_t forgotten = 0;
  for (std::uint64_t network = 1; network <= addresses; ++network) forgotten += limit.take(network, start) ? 1 : 0;
  EXPECT_LT(forgotten, addresses / 10);
}

TEST(failure_limit, who_has_failed_more_is_remembered_rather_than_who_has_failed_less) {
  failure_limit limit(1);
  take_all(limit, 1, start);
  for (std::uint64_t network = 2; network <= 20 * base::failing_addresses; ++network) limit.take(network, start);
  EXPECT_FALSE(limit.take(1, start));
}

TEST(failure_limit, the_places_of_an_address_depend_on_the_seed) {
  // Which of the addresses that fill the table are forgotten tells where they stand.
  const auto forgotten_with = [](std::uint64_t seed) {
    failure_limit limit(seed);
    for (std::uint64_t network = 1; network <= base::failing_addresses; ++network) take_all(limit, network, start);
    std::vector<bool> forgotten;
    for (std::uint64_t network = 1; network <= 1000; ++network) forgotten.push_back(limit.take(network, start));
    return forgotten;
  };
  EXPECT_EQ(forgotten_with(1), forgotten_with(1));
  EXPECT_NE(forgotten_with(1), forgotten_with(2));
}

// Thousandths of tokens as an account that is brought up to date each millisecond.
struct naive_bucket {
  std::uint64_t level = std::uint64_t{burst} * pause;
  std::uint64_t at_ms = start.value;

  void run_to(monotonic_ms now) {
    for (; at_ms < now.value; ++at_ms) level = std::min<std::uint64_t>(level + 1, std::uint64_t{burst} * pause);
  }
};

TEST(failure_limit, property_counts_as_a_naive_bucket) {
  tests::for_each_seed([](tests::dice& dice) {
    failure_limit limit(dice.bits());
    std::map<std::uint64_t, naive_bucket> model;
    auto now = start;
    for (int step = 0; step < 50'000; ++step) {
      if (dice.one_in(20)) now.value += dice.below(dice.one_in(100) ? 40'000 : 700);
      const std::uint64_t network = 1 + dice.below(5);  // so few that none is forgotten
      auto& bucket = model[network];
      bucket.run_to(now);
      if (dice.one_in(3)) {
        limit.give_back(network, now);
        bucket.level = std::min<std::uint64_t>(bucket.level + pause, std::uint64_t{burst} * pause);
        continue;
      }
      const bool has_token = bucket.level >= pause;
      if (has_token) bucket.level -= pause;
      ASSERT_EQ(limit.take(network, now), has_token) << "step " << step;
    }
  });
}

}  // namespace
}  // namespace headgate::proxy::auth
