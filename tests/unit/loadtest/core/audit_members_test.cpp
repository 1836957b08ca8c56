#include <gtest/gtest.h>

#include "tests/unit/loadtest/core/audit_conversation.hpp"

namespace headgate::loadtest::core {
namespace {

using mqtt::qos;

constexpr audience_terms clean{qos::at_least_once, false, false};
constexpr audience_terms persistent{qos::at_least_once, false, true};
constexpr audience_terms shared{qos::at_least_once, true, false};
constexpr audience_terms shared_persistent{qos::at_least_once, true, true};
constexpr publisher_terms at_qos_1{qos::at_least_once};

TEST(audit_members, what_was_sent_before_the_suback_may_come_and_need_not) {
  conversation talk;
  const verdict found = talk.published(4).subscribed().published(2).came({2, 4, 5}).judged();
  EXPECT_EQ(faults_of(found), "");
  EXPECT_EQ(found.required, 2U);
  EXPECT_EQ(found.received, 3U);
}

TEST(audit_members, what_comes_before_the_suback_is_received) {
  conversation talk;
  const verdict found = talk.published(4).came({1, 3}).subscribed().published(1).came({4, 3}).judged();
  EXPECT_EQ(faults_of(found), "duplicated 1");
  EXPECT_EQ(found.received, 3U);
  EXPECT_EQ(found.required, 1U);
}

TEST(audit_members, without_a_subscription_nothing_is_required) {
  conversation talk;
  const verdict found = talk.published(4).judged();
  EXPECT_EQ(faults_of(found), "");
  EXPECT_EQ(found.required, 0U);
}

TEST(audit_members, the_tail_of_a_connection_that_ended_is_required_no_longer) {
  conversation talk(at_qos_1, clean);
  talk.subscribed().published(4).came({0, 1}).away().published(3);
  const verdict found = talk.subscribed().published(2).came({7, 8}).judged();
  EXPECT_EQ(faults_of(found), "");
  EXPECT_EQ(found.required, 4U);
}

TEST(audit_members, what_is_missing_before_a_message_that_came_is_lost_also_when_the_connection_ended) {
  conversation talk(at_qos_1, clean);
  talk.subscribed().published(5).came({0, 3}).away();
  const verdict found = talk.subscribed().published(1).came({5}).judged();
  EXPECT_EQ(faults_of(found), "lost 2");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "1-3");
}

TEST(audit_members, a_session_that_is_kept_requires_all_across_connections) {
  conversation talk(at_qos_1, persistent);
  talk.subscribed().published(4).came({0, 1}).away().published(3);
  const verdict found = talk.back().came({2, 3, 4, 6}).judged();
  EXPECT_EQ(faults_of(found), "lost 1");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "5-6");
  EXPECT_EQ(found.required, 7U);
}

TEST(audit_members, one_that_does_not_come_back_misses_what_its_session_was_to_keep) {
  conversation talk(at_qos_1, persistent);
  EXPECT_EQ(faults_of(talk.subscribed().published(1).came({0}).away().published(3).judged()), "lost 3");
}

TEST(audit_members, after_a_connection_has_ended_duplicates_have_a_reason_at_qos_1) {
  conversation talk(at_qos_1, persistent);
  talk.subscribed().published(4).came({0, 1, 2, 3}).away().back();
  EXPECT_EQ(faults_of(talk.came({2, 3}).judged()), "duplicated_with_reason 2");
}

TEST(audit_members, after_a_connection_has_ended_a_gap_may_be_filled) {
  conversation talk(at_qos_1, persistent);
  EXPECT_EQ(faults_of(talk.subscribed().published(4).came({0, 2}).away().back().came({1, 3}).judged()), "");
}

TEST(audit_members, a_session_that_is_gone_is_a_fault_and_what_it_was_to_keep_is_lost) {
  conversation talk(at_qos_1, persistent);
  talk.subscribed().published(2).came({0, 1}).away().published(2).back(false).published(1).subscribed().published(1);
  const verdict found = talk.came({5}).judged();
  EXPECT_EQ(faults_of(found), "lost 3, session_lost 1");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "2-5");
}

TEST(audit_members, each_return_to_a_session_that_is_gone_is_a_fault) {
  conversation talk(at_qos_1, persistent);
  talk.subscribed().away().back(false).subscribed().away().back(false).subscribed().away().back(true);
  EXPECT_EQ(faults_of(talk.judged()), "session_lost 2");
}

TEST(audit_members, after_the_unsuback_nothing_is_required) {
  conversation talk(at_qos_1, persistent);
  talk.subscribed().published(3).came({0, 2}).unsubscribed().published(2);
  EXPECT_FALSE(talk.under_test.is_settled());  // 1 is missing before a message that came
  const verdict found = talk.subscribed().published(1).came({5}).judged();
  EXPECT_EQ(faults_of(found), "lost 1");
  EXPECT_EQ(found.required, 4U);
}

TEST(audit_members, members_of_a_shared_audience_have_no_order) {
  conversation talk(at_qos_1, shared);
  talk.subscribed().subscribed().published(5);
  EXPECT_EQ(faults_of(talk.came({2, 0, 4, 1}).judged()), "lost 1");
}

TEST(audit_members, one_member_among_several_that_leaves_excuses_nothing_but_is_a_reason) {
  conversation talk(at_qos_1, shared);
  talk.subscribed().subscribed().published(4).came({0, 1}).away().published(1);
  const verdict found = talk.came({1, 2, 4}).judged();
  EXPECT_EQ(faults_of(found), "lost 1, duplicated_with_reason 1");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "3-4");
}

TEST(audit_members, when_the_last_member_leaves_what_is_missing_is_excused_until_somebody_subscribes) {
  conversation talk(at_qos_1, shared);
  talk.subscribed().subscribed().published(4).came({0, 2}).away().away().published(3);
  EXPECT_TRUE(talk.under_test.is_settled());
  const verdict found = talk.subscribed().published(2).came({7}).judged();
  EXPECT_EQ(faults_of(found), "lost 1");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "8-9");
  EXPECT_EQ(found.required, 4U);
}

TEST(audit_members, at_qos_2_what_a_member_was_chosen_for_goes_with_it) {
  conversation talk({qos::exactly_once}, {qos::exactly_once, true, false});
  talk.subscribed().subscribed().published(4).came({0, 2}).away().published(1).came({4});
  EXPECT_EQ(faults_of(talk.judged()), "");
}

TEST(audit_members, at_qos_2_a_member_that_left_is_a_reason_in_a_shared_audience) {
  conversation talk({qos::exactly_once}, {qos::exactly_once, true, true});
  talk.subscribed().subscribed().published(2).came({0, 0, 1}).away().came({1});
  EXPECT_EQ(faults_of(talk.judged()), "duplicated_at_qos_2 1, duplicated_with_reason 1");
}

TEST(audit_members, sessions_of_a_shared_audience_are_kept_while_their_clients_are_away) {
  conversation talk(at_qos_1, shared_persistent);
  talk.subscribed().subscribed().away().away().published(3).back().came({0, 1});
  EXPECT_EQ(faults_of(talk.judged()), "lost 1");
}

TEST(audit_members, a_shared_audience_ends_with_the_last_one_that_unsubscribes) {
  conversation talk(at_qos_1, shared_persistent);
  talk.subscribed().subscribed().away().back(false).subscribed().unsubscribed().published(1).came({0});
  EXPECT_EQ(talk.unsubscribed().published(1).judged().required, 1U);
}

}  // namespace
}  // namespace headgate::loadtest::core
