#include <gtest/gtest.h>

#include "loadtest/core/plan.hpp"
#include "tests/unit/loadtest/core/audit_conversation.hpp"

namespace headgate::loadtest::core {
namespace {

using mqtt::qos;

constexpr audience_terms persistent{qos::at_least_once, false, true};

publisher_terms expiring_after(std::uint32_t seconds) {
  return {qos::at_least_once, seconds, 1};
}

TEST(audit_expiry, what_expired_while_the_audience_was_away_is_not_lost) {
  conversation talk(expiring_after(10), persistent);
  talk.subscribed().published(1).came({0}).away().published(2).later(20 * second_ns).published(1).back();
  const verdict found = talk.came({3}).judged();
  EXPECT_EQ(faults_of(found), "expired 2");
  EXPECT_EQ(found.required, 2U);
}

TEST(audit_expiry, what_had_not_expired_when_it_came_back_is_lost) {
  conversation talk(expiring_after(10), persistent);
  talk.subscribed().away().published(2).later(5 * second_ns).back().published(1);
  EXPECT_EQ(faults_of(talk.came({2}).judged()), "lost 2");
}

TEST(audit_expiry, what_would_have_expired_before_it_went_is_lost) {
  conversation talk(expiring_after(10), persistent);
  talk.subscribed().published(2).later(30 * second_ns).published(1).came({2}).away().later(30 * second_ns).back();
  EXPECT_EQ(faults_of(talk.judged()), "lost 2");
}

TEST(audit_expiry, of_one_that_stays_away_all_expires_in_the_end) {
  conversation talk(expiring_after(3), persistent);
  talk.subscribed().away().published(2).later(10 * second_ns);
  EXPECT_EQ(faults_of(talk.judged()), "expired 2");
}

TEST(audit_expiry, what_expired_may_come_nevertheless) {
  conversation talk(expiring_after(3), persistent);
  talk.subscribed().away().published(2).later(10 * second_ns).back().came({0, 1});
  const verdict found = talk.judged();
  EXPECT_EQ(faults_of(found), "");
  EXPECT_EQ(found.required, 2U);
}

TEST(audit_expiry, a_long_run_keeps_a_bounded_number_of_times_and_rounds_in_favour_of_expired) {
  conversation talk(expiring_after(100), persistent);
  talk.subscribed();
  std::uint64_t sent = 0;
  for (int step = 0; step < 20'000; ++step) talk.later(100'000'000).published(1).came({sent++});
  EXPECT_LE(talk.under_test.memory_bytes(), 35'000U);
  talk.away().published(1).later(99 * second_ns + second_ns / 2).back().published(1).came({sent + 1});
  EXPECT_EQ(faults_of(talk.judged()), "expired 1");
}

TEST(audit_expiry, at_qos_0_it_was_dropped) {
  conversation talk({qos::at_most_once, 3, 1}, persistent);
  EXPECT_EQ(faults_of(talk.subscribed().away().sent(2).later(10 * second_ns).judged()), "qos0_dropped 2");
}

}  // namespace
}  // namespace headgate::loadtest::core
