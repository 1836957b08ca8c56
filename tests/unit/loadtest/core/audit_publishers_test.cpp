#include <gtest/gtest.h>

#include "tests/unit/loadtest/core/audit_conversation.hpp"

namespace headgate::loadtest::core {
namespace {

using mqtt::qos;

TEST(audit_publishers, what_was_acknowledged_and_came_is_no_fault) {
  conversation talk;
  const verdict found = talk.subscribed().published(5).came({0, 1, 2, 3, 4}).judged();
  EXPECT_EQ(faults_of(found), "");
  EXPECT_EQ(found.required, 5U);
  EXPECT_EQ(found.received, 5U);
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.memory_limit, plenty);
  EXPECT_GT(found.memory_bytes, 0U);
  EXPECT_EQ(found.faults(), 0U);
}

TEST(audit_publishers, the_last_message_counts_like_all_others) {
  conversation talk;
  const verdict found = talk.subscribed().published(5).came({0, 1, 2, 3}).judged();
  EXPECT_EQ(faults_of(found), "lost 1");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "4-5");
  EXPECT_EQ(found.required, 5U);
  EXPECT_EQ(found.received, 4U);
}

TEST(audit_publishers, what_was_not_acknowledged_is_not_required) {
  conversation talk;
  const verdict found = talk.subscribed().sent(5).acknowledged({0, 3}).came({0}).judged();
  EXPECT_EQ(faults_of(found), "lost 1, never_acknowledged 3");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "3-4");
  EXPECT_EQ(ranges_of(found, fault_kind::never_acknowledged), "1-3 4-5");
  EXPECT_EQ(found.required, 2U);
}

TEST(audit_publishers, acknowledgements_may_come_in_any_order) {
  conversation talk;
  talk.subscribed().sent(6).acknowledged({3, 1, 0, 5, 2, 4, 4});
  EXPECT_EQ(talk.under_test.acknowledged(talk.publisher), 6U);
  EXPECT_EQ(faults_of(talk.came({0, 1, 2, 3, 4, 5}).judged()), "");
}

TEST(audit_publishers, what_was_refused_is_not_required_and_no_fault_when_it_comes) {
  conversation talk;
  talk.subscribed().sent(3).acknowledged({0});
  talk.under_test.on_refused(talk.publisher, 1);
  talk.under_test.on_refused(talk.publisher, 2);
  const verdict found = talk.came({0, 1}).judged();
  EXPECT_EQ(faults_of(found), "refused 2");
  EXPECT_EQ(found.required, 1U);
}

TEST(audit_publishers, what_was_abandoned_is_in_doubt_and_may_have_come_or_not) {
  conversation talk;
  talk.subscribed().sent(3).acknowledged({0});
  talk.under_test.on_abandoned(talk.publisher, 1);
  talk.under_test.on_abandoned(talk.publisher, 2);
  EXPECT_EQ(faults_of(talk.came({0, 1}).judged()), "in_doubt 2");
}

TEST(audit_publishers, at_qos_0_nothing_is_acknowledged_and_what_is_missing_was_dropped) {
  conversation talk(qos::at_most_once);
  const verdict found = talk.subscribed().sent(5).came({0, 2, 3}).judged();
  EXPECT_EQ(faults_of(found), "qos0_dropped 2");
  EXPECT_EQ(found.required, 0U);
  EXPECT_EQ(found.received, 3U);
}

TEST(audit_publishers, the_lower_qos_of_both_decides) {
  conversation low_audience({qos::exactly_once}, {qos::at_most_once});
  EXPECT_EQ(faults_of(low_audience.subscribed().published(2).judged()), "qos0_dropped 2");
  conversation low_publisher({qos::at_most_once}, {qos::exactly_once});
  EXPECT_EQ(faults_of(low_publisher.subscribed().sent(2).judged()), "qos0_dropped 2");
}

TEST(audit_publishers, at_qos_0_what_was_given_up_is_not_dropped) {
  conversation talk(qos::at_most_once);
  talk.subscribed().sent(2);
  talk.under_test.on_abandoned(talk.publisher, 1);
  EXPECT_EQ(faults_of(talk.came({0}).judged()), "in_doubt 1");
}

TEST(audit_publishers, a_wrong_acknowledgement_is_a_fault) {
  conversation talk;
  talk.under_test.on_wrong_acknowledgement(talk.publisher);
  EXPECT_EQ(faults_of(talk.judged()), "wrong_acknowledgement 1");
}

TEST(audit_publishers, findings_are_the_first_five_of_each_kind) {
  conversation talk;
  talk.subscribed().published(20).came({1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 19, 19});
  const verdict found = talk.judged();
  EXPECT_EQ(faults_of(found), "lost 10, duplicated 2");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "0-1 2-3 4-5 6-7 8-9");
  EXPECT_EQ(found.findings.size(), 7U);
}

TEST(audit_publishers, a_run_is_settled_when_all_that_is_due_has_come_and_all_is_acknowledged) {
  conversation talk;
  EXPECT_TRUE(talk.under_test.is_settled());
  EXPECT_FALSE(talk.subscribed().sent(3).under_test.is_settled());
  EXPECT_FALSE(talk.acknowledged({0, 1, 2}).under_test.is_settled());
  EXPECT_FALSE(talk.came({0, 2}).under_test.is_settled());
  EXPECT_TRUE(talk.came({1}).under_test.is_settled());
  EXPECT_FALSE(talk.sent(1).under_test.is_settled());
  talk.under_test.on_refused(talk.publisher, 3);
  EXPECT_TRUE(talk.under_test.is_settled());
}

TEST(audit_publishers, a_run_is_not_settled_again_when_others_have_sent_meanwhile) {
  audit many(plenty);
  const publisher_index first = many.add_publisher({});
  const publisher_index second = many.add_publisher({});
  for (const publisher_index publisher : {first, second}) {
    const audience_index audience = many.add_audience({});
    many.add_flow(audience, publisher, 0);
    many.on_subscribed(audience);
  }
  many.on_sent(second, 1, 0);
  EXPECT_FALSE(many.is_settled());
  many.on_sent(first, 1, 0);
  many.on_delivery(audience_index(1), {second.value, 0});
  EXPECT_FALSE(many.is_settled());
  many.on_delivery(audience_index(0), {first.value, 0});
  EXPECT_TRUE(many.is_settled());
}

}  // namespace
}  // namespace headgate::loadtest::core
