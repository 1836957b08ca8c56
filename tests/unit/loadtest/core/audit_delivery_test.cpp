#include <gtest/gtest.h>

#include "tests/unit/loadtest/core/audit_conversation.hpp"

namespace headgate::loadtest::core {
namespace {

using mqtt::qos;

TEST(audit_delivery, a_gap_is_lost) {
  conversation talk;
  const verdict found = talk.subscribed().published(6).came({0, 3, 4, 5}).judged();
  EXPECT_EQ(faults_of(found), "lost 2");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "1-3");
}

TEST(audit_delivery, two_that_changed_places_are_one_reordered) {
  conversation talk;
  const verdict found = talk.subscribed().published(4).came({0, 2, 1, 3}).judged();
  EXPECT_EQ(faults_of(found), "reordered 1");
  EXPECT_EQ(ranges_of(found, fault_kind::reordered), "1-2");
  EXPECT_EQ(found.received, 4U);
}

TEST(audit_delivery, the_order_is_that_of_a_topic) {
  conversation talk({qos::at_least_once, mqtt::no_expiry, 2}, {qos::at_least_once});
  talk.subscribed().published(6).came({1, 3, 0, 2});
  EXPECT_EQ(faults_of(talk.under_test.so_far()), "");
  EXPECT_EQ(faults_of(talk.came({5, 4}).judged()), "");
  conversation swapped({qos::at_least_once, mqtt::no_expiry, 2}, {qos::at_least_once});
  EXPECT_EQ(faults_of(swapped.subscribed().published(4).came({2, 0, 1, 3}).judged()), "reordered 1");
}

TEST(audit_delivery, what_comes_late_for_a_reason_is_not_reordered) {
  conversation talk;
  talk.subscribed().published(4).came({0, 2});
  talk.deliver({.publisher = 0, .sequence = 1, .dup = true});
  EXPECT_EQ(faults_of(talk.came({3}).judged()), "");

  conversation again;
  again.subscribed().sent(3).came({0, 2});
  again.under_test.on_sent_again(again.publisher, 1);
  EXPECT_EQ(faults_of(again.came({1}).acknowledged({0, 1, 2}).judged()), "");
}

TEST(audit_delivery, twice_without_a_reason_is_duplicated) {
  conversation talk;
  EXPECT_EQ(faults_of(talk.subscribed().published(2).came({0, 0, 1}).judged()), "duplicated 1");
  conversation at_qos_0(qos::at_most_once);
  EXPECT_EQ(faults_of(at_qos_0.subscribed().sent(2).came({0, 1, 0}).judged()), "duplicated 1");
}

TEST(audit_delivery, at_qos_1_dup_and_sending_again_are_reasons) {
  conversation talk;
  talk.subscribed().sent(2).came({0, 1});
  talk.deliver({.publisher = 0, .sequence = 1, .dup = true});
  talk.under_test.on_sent_again(talk.publisher, 0);
  EXPECT_EQ(faults_of(talk.came({0}).acknowledged({0, 1}).judged()), "duplicated_with_reason 2");
}

TEST(audit_delivery, at_qos_2_there_is_no_reason) {
  conversation talk({qos::exactly_once}, {qos::exactly_once, false, true});
  talk.subscribed().published(1).came({0}).away().back();
  talk.deliver({.publisher = 0, .sequence = 0, .dup = true});
  EXPECT_EQ(faults_of(talk.judged()), "duplicated_at_qos_2 1");
}

TEST(audit_delivery, with_retain_nothing_is_required_and_nothing_is_twice) {
  conversation talk(qos::exactly_once);
  talk.published(3).subscribed();
  const auto moved = talk.deliver({.publisher = 0, .sequence = 2, .retain = true});
  EXPECT_EQ(moved.from, moved.to);
  talk.deliver({.publisher = 0, .sequence = 2, .retain = true});
  const verdict found = talk.published(1).came({3}).judged();
  EXPECT_EQ(faults_of(found), "");
  EXPECT_EQ(found.required, 1U);
}

TEST(audit_delivery, corrupted_with_a_whole_stamp_has_been_received) {
  conversation talk;
  talk.subscribed().published(2).came({0});
  talk.deliver({.publisher = 0, .sequence = 1, .is_whole = false});
  const verdict found = talk.judged();
  EXPECT_EQ(faults_of(found), "corrupted 1");
  EXPECT_EQ(found.received, 2U);
}

TEST(audit_delivery, one_that_cannot_be_read_stands_for_one_that_is_missing) {
  conversation talk;
  talk.subscribed().published(5).came({0, 3});
  talk.under_test.on_unreadable(talk.audience);
  const verdict found = talk.judged();
  EXPECT_EQ(faults_of(found), "lost 2, corrupted 1");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "2-3 4-5");

  conversation at_qos_0(qos::at_most_once);
  at_qos_0.subscribed().sent(3).came({0});
  at_qos_0.under_test.on_unreadable(at_qos_0.audience);
  EXPECT_EQ(faults_of(at_qos_0.judged()), "corrupted 1, qos0_dropped 1");
}

TEST(audit_delivery, under_a_topic_that_is_not_its_own_it_is_misdelivered_and_received) {
  conversation talk;
  talk.subscribed().published(1);
  talk.deliver({.publisher = 0, .sequence = 0, .has_own_topic = false});
  EXPECT_EQ(faults_of(talk.judged()), "misdelivered 1");
}

TEST(audit_delivery, what_was_never_sent_is_misdelivered_and_moves_nothing) {
  conversation talk;
  talk.subscribed().published(1).came({1, ~std::uint64_t{0}});
  EXPECT_EQ(talk.next(), 0U);
  talk.deliver({.publisher = 7, .sequence = 0});
  talk.deliver({.publisher = ~std::uint32_t{0}, .sequence = 0});
  EXPECT_EQ(faults_of(talk.came({0}).judged()), "misdelivered 4");
}

TEST(audit_delivery, a_stray_and_a_foreign_one) {
  conversation talk;
  talk.under_test.on_stray(0, 3);
  talk.under_test.on_foreign();
  const verdict found = talk.judged();
  EXPECT_EQ(faults_of(found), "misdelivered 1, foreign 1");
  EXPECT_EQ(found.findings.front().audience, nobody);
}

TEST(audit_delivery, says_what_it_passed_over) {
  conversation talk;
  talk.subscribed().published(5);
  const auto ordinary = talk.deliver({0, 0});
  EXPECT_EQ(ordinary.from, 0U);
  EXPECT_EQ(ordinary.to, 1U);
  const auto behind_a_gap = talk.deliver({0, 3});
  EXPECT_EQ(behind_a_gap.from, 1U);
  EXPECT_EQ(behind_a_gap.to, 4U);
  const auto into_the_gap = talk.deliver({0, 2});
  EXPECT_EQ(into_the_gap.from, into_the_gap.to);
}

TEST(audit_masks, what_is_not_wanted_is_no_gap) {
  conversation talk({qos::at_least_once, mqtt::no_expiry, 4}, {qos::at_least_once}, plenty,
                    {{false, true, false, true}});
  talk.subscribed().published(8);
  EXPECT_EQ(talk.under_test.outstanding(talk.under_test.flows_of(talk.audience).front()), 4U);
  const verdict found = talk.came({1, 3, 7}).judged();
  EXPECT_EQ(faults_of(found), "lost 1");
  EXPECT_EQ(ranges_of(found, fault_kind::lost), "5-7");
  EXPECT_EQ(found.required, 4U);
}

TEST(audit_masks, what_is_not_wanted_is_misdelivered) {
  conversation talk({qos::at_least_once, mqtt::no_expiry, 2}, {qos::at_least_once}, plenty, {{true, false}});
  EXPECT_EQ(faults_of(talk.subscribed().published(3).came({0, 1, 2}).judged()), "misdelivered 1");
}

TEST(audit_masks, a_position_passes_over_what_is_not_wanted_and_never_beyond_what_was_sent) {
  conversation talk({qos::at_least_once, mqtt::no_expiry, 4}, {qos::at_least_once}, plenty,
                    {{true, false, false, false}});
  talk.subscribed().published(2).came({0});
  EXPECT_EQ(talk.next(), 2U);
  EXPECT_TRUE(talk.under_test.is_settled());
  talk.published(6).came({4});
  EXPECT_EQ(talk.next(), 8U);
  EXPECT_EQ(faults_of(talk.judged()), "");
}

TEST(audit_masks, a_mask_that_wants_all_is_none) {
  audit one(plenty);
  EXPECT_EQ(one.add_mask({{true, true}}), 0U);
  EXPECT_EQ(one.add_mask({}), 0U);
  EXPECT_EQ(one.add_mask({{true, false}}), 1U);
  EXPECT_EQ(one.add_mask({{false, true}}), 2U);
}

TEST(audit_flows, are_found_among_publishers_with_and_without_gaps) {
  for (const std::uint32_t apart : {1U, 3U}) {
    audit many(plenty);
    for (int n = 0; n < 40; ++n) many.on_sent(many.add_publisher({}), 3, 0);
    const audience_index other = many.add_audience({});
    many.add_flow(other, publisher_index(5), 0);
    const audience_index audience = many.add_audience({});
    for (std::uint32_t n = 2; n < 30; n += apart) EXPECT_TRUE(many.add_flow(audience, publisher_index(n), 0));
    for (std::uint64_t round = 0; round < 3; ++round) {
      for (std::uint32_t n = 0; n < 40; ++n) many.on_delivery(audience, {n, round});
    }
    const std::uint64_t flows = many.flows_of(audience).size();
    EXPECT_EQ(many.so_far().received, 3 * flows);
    EXPECT_EQ(faults_of(many.so_far()), "misdelivered " + std::to_string(3 * (40 - flows)));
    for (const flow& at : many.flows_of(audience)) EXPECT_EQ(at.next, 3U);
    EXPECT_EQ(many.flows_of(other).front().next, 0U);
  }
}

}  // namespace
}  // namespace headgate::loadtest::core
