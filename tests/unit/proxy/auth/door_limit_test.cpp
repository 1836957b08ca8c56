// What wrong passwords may cost, and that right ones are not in the way of each other.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/proxy/auth/door_fixture.hpp"

namespace headgate::proxy::auth {
namespace {

using testing::door_test;

constexpr auto burst = base::wrong_passwords_in_a_row;

std::string guess(int number) {
  return "guess " + std::to_string(number);
}

TEST_F(door_test, a_flood_of_wrong_passwords_costs_a_burst_and_one_hash_a_second) {
  constexpr int seconds = 10;
  for (int n = 0; n < 100'000; ++n) {
    const auto request = submit(n % 2 == 0 ? "alice" : "mallory", guess(n));
    if (n % 100 == 0) answer_to(request);  // turns come between
    if ((n + 1) % 10'000 == 0) clock_.advance_ms(1000);
  }
  read_all();
  EXPECT_LE(check_.begun(), burst + seconds);
  EXPECT_GE(check_.begun(), burst);
  EXPECT_EQ(door_->view().refused_limited, 100'000U - check_.begun());
  EXPECT_EQ(answers_.count(reason_code::success), 0U);
  EXPECT_EQ(answer_to(submit("alice", "secret", "198.51.100.1")), reason_code::success);
  EXPECT_EQ(answer_to(submit("bob", "hidden")), reason_code::success);  // the last second's token
}

TEST_F(door_test, a_right_password_from_elsewhere_waits_for_no_more_than_a_burst) {
  check_.close();
  for (int n = 0; n < 10'000; ++n) submit("alice", guess(n));
  const auto right = submit("alice", "secret", "198.51.100.1");
  check_.allow(burst + 1);
  EXPECT_EQ(answer_to(right), reason_code::success);
  read_all();
  EXPECT_EQ(answers_.count(reason_code::bad_user_name_or_password), burst);
  EXPECT_EQ(answers_.count(reason_code::connection_rate_exceeded), 10'000U - burst);
}

TEST_F(door_test, the_same_wrong_password_again_costs_no_token) {
  for (int n = 0; n < 1000; ++n) {
    EXPECT_EQ(answer_to(submit("alice", "guess")), reason_code::bad_user_name_or_password);
  }
  EXPECT_EQ(check_.begun(), 1U);
  EXPECT_EQ(answer_to(submit("bob", "hidden")), reason_code::success);
}

TEST_F(door_test, devices_behind_one_address_with_passwords_of_their_own_come_in_together) {
  auto fleet = users();
  for (int n = 0; n < 5000; ++n) fleet->users["device " + std::to_string(n)] = {101, "salt", guess(n)};
  door_->set_users(fleet);
  check_.close();
  for (int n = 0; n < 5000; ++n) submit("device " + std::to_string(n), guess(n));
  EXPECT_EQ(answers_.size(), 0U);
  EXPECT_LE(pool_.view().waiting, burst);  // the others wait at the door
  check_.open();
  read_all();
  EXPECT_EQ(answers_.count(reason_code::success), 5000U);
  EXPECT_EQ(check_.begun(), 5000U);
}

TEST_F(door_test, who_waits_behind_failures_is_refused_when_the_tokens_are_gone) {
  check_.close();
  for (std::uint32_t n = 0; n < burst; ++n) submit("alice", guess(static_cast<int>(n)));
  const auto waits = submit("bob", "hidden");
  const auto joins = submit("bob", "hidden");
  EXPECT_EQ(answers_.size(), 0U);
  check_.open();
  EXPECT_EQ(answer_to(waits), reason_code::connection_rate_exceeded);
  EXPECT_EQ(answer_to(joins), reason_code::connection_rate_exceeded);
  clock_.advance_ms(base::wrong_password_pause_ms);
  EXPECT_EQ(answer_to(submit("bob", "hidden")), reason_code::success);
  EXPECT_EQ(answer_to(submit("alice", "secret")), reason_code::success);  // its token was given back
}

TEST_F(door_test, no_more_wait_at_the_door_than_may) {
  check_.close();
  const auto all = static_cast<int>(base::deferred_passwords + burst);
  for (int n = 0; n < all; ++n) submit("alice", guess(n));
  EXPECT_EQ(answers_.size(), 0U);
  EXPECT_EQ(answers_.of(submit("alice", guess(all))), reason_code::connection_rate_exceeded);
  const auto elsewhere = submit("bob", "hidden", "198.51.100.1");  // the pool has room for it
  check_.open();
  read_all();
  EXPECT_EQ(answers_.of(elsewhere), reason_code::success);
}

TEST_F(door_test, no_more_bytes_wait_at_the_door_than_may) {
  check_.close();
  for (std::uint32_t n = 0; n < burst; ++n) submit("alice", guess(static_cast<int>(n)));
  const std::string longest(65'000, 'x');
  const auto fit = base::deferred_password_bytes / (longest.size() + 10);
  for (std::size_t n = 0; n < fit; ++n) submit("alice", longest + guess(static_cast<int>(n)));
  EXPECT_EQ(answers_.size(), 0U);
  const auto refused = submit("alice", longest + longest);
  EXPECT_EQ(answers_.of(refused), reason_code::connection_rate_exceeded);
  check_.open();
  read_all();
}

TEST_F(door_test, addresses_of_one_ipv6_network_share_their_tokens) {
  for (int n = 0; n < 100; ++n) submit("alice", guess(n), "2001:db8::" + std::to_string(n));
  read_all();
  EXPECT_EQ(check_.begun(), burst);
  EXPECT_EQ(answer_to(submit("alice", "secret", "2001:db8:0:1::1")), reason_code::success);
}

}  // namespace
}  // namespace headgate::proxy::auth
