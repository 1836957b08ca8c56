#include "net/tls_ticket_keys.hpp"

#include <gtest/gtest.h>

namespace headgate::net {
namespace {

using std::chrono::hours;

constexpr tls_ticket_keys::time start{hours(1000)};

bool are_known(tls_ticket_keys& keys, const tls_ticket_key& key, tls_ticket_keys::time now) {
  const auto found = keys.named(key.name.data(), now);
  return found && found->encrypting == key.encrypting && found->authenticating == key.authenticating;
}

TEST(tls_ticket_keys, are_exchanged_each_day_and_known_for_two) {
  tls_ticket_keys keys(nullptr, start);
  const auto first = keys.newest(start);
  EXPECT_EQ(keys.newest(start + hours(23)).name, first.name);
  const auto second = keys.newest(start + hours(24));
  EXPECT_NE(second.name, first.name);
  EXPECT_NE(second.encrypting, first.encrypting);
  EXPECT_NE(second.authenticating, first.authenticating);
  EXPECT_TRUE(are_known(keys, first, start + hours(47)));
  EXPECT_TRUE(are_known(keys, second, start + hours(47)));
  EXPECT_FALSE(are_known(keys, first, start + hours(48)));
  EXPECT_TRUE(are_known(keys, second, start + hours(48)));
}

TEST(tls_ticket_keys, are_forgotten_when_nobody_came_for_two_days) {
  tls_ticket_keys keys(nullptr, start);
  const auto first = keys.newest(start);
  EXPECT_FALSE(are_known(keys, first, start + hours(48)));
}

TEST(tls_ticket_keys, that_go_on_from_others_know_the_last_one_of_these) {
  tls_ticket_keys first(nullptr, start);
  const auto oldest = first.newest(start);
  tls_ticket_keys second(&first, start);
  EXPECT_TRUE(are_known(second, oldest, start));
  EXPECT_NE(second.newest(start).name, oldest.name);
  tls_ticket_keys third(&second, start);
  EXPECT_FALSE(are_known(third, oldest, start));
  EXPECT_TRUE(are_known(third, second.newest(start), start));
}

}  // namespace
}  // namespace headgate::net
