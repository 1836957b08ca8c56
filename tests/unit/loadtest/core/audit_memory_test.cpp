#include <gtest/gtest.h>

#include "tests/unit/loadtest/core/audit_conversation.hpp"

namespace headgate::loadtest::core {
namespace {

using mqtt::qos;

TEST(audit_memory, gaps_beyond_its_memory_are_not_remembered_and_it_says_so) {
  conversation talk(qos::at_least_once, 1024);
  talk.subscribed().published(2000);
  for (std::uint64_t n = 1; n < 2000; n += 2) talk.came({n});
  const verdict found = talk.judged();
  EXPECT_FALSE(found.complete);
  EXPECT_GT(count_of(found, fault_kind::lost), 0U);
  EXPECT_LT(count_of(found, fault_kind::lost), 1000U);
  EXPECT_LE(found.memory_bytes, 1024U);
  EXPECT_GT(found.memory_bytes, 512U);
}

TEST(audit_memory, what_fills_a_gap_that_was_not_remembered_is_no_duplicate) {
  for (const qos level : {qos::at_least_once, qos::exactly_once}) {
    conversation talk(level, 1024);
    talk.subscribed().published(2000);
    for (std::uint64_t n = 1; n < 2000; n += 2) talk.came({n});
    const std::uint64_t before = talk.under_test.so_far().faults();
    for (std::uint64_t n = 0; n < 2000; n += 2) talk.came({n});
    const verdict found = talk.judged();
    EXPECT_EQ(found.faults(), before);
    EXPECT_EQ(faults_of(found), "");
  }
}

TEST(audit_memory, a_flow_without_memory_is_refused_and_what_comes_for_it_is_no_fault) {
  audit small(1000);
  const audience_index audience = small.add_audience({});
  std::uint32_t flows = 0;
  for (std::uint32_t n = 0; n < 100; ++n) {
    if (small.add_flow(audience, small.add_publisher({}), 0)) ++flows;
  }
  EXPECT_LT(flows, 100U);
  small.on_subscribed(audience);
  for (std::uint32_t n = 0; n < 100; ++n) {
    small.on_sent(publisher_index(n), 1, 0);
    small.on_delivery(audience, {n, 0});
  }
  const verdict found = small.judge(0);
  EXPECT_EQ(found.received, flows);
  EXPECT_EQ(faults_of(found), "");
  EXPECT_FALSE(found.complete);
}

// With gaps, a connection that ended, what came before the second SUBACK, refusals and what was sent again.
verdict of_an_eventful_run(std::uint64_t memory_bytes) {
  conversation talk({qos::at_least_once, 5, 1}, {qos::at_least_once, false, false}, memory_bytes);
  talk.subscribed().published(10).came({0, 2, 4, 3, 9}).away().published(10).came({13, 17, 15}).subscribed();
  talk.sent(10).came({25, 22, 23, 29}).acknowledged({21, 20, 25, 29});
  for (const std::uint64_t refused : {22U, 24U, 26U}) talk.under_test.on_refused(talk.publisher, refused);
  for (const std::uint64_t abandoned : {23U, 28U}) talk.under_test.on_abandoned(talk.publisher, abandoned);
  talk.under_test.on_sent_again(talk.publisher, 27);
  return talk.acknowledged({27}).came({27, 27, 29}).judged();
}

// A gap that is not due, where there is room for one more gap and none to excuse it.
verdict of_a_run_that_subscribes_again(std::uint64_t memory_bytes) {
  conversation talk({qos::at_least_once}, {qos::at_least_once, false, false}, memory_bytes);
  talk.subscribed().published(10).came({9}).away().published(2);
  talk.subscribed().published(2).came({12, 13}).away().published(2);
  talk.subscribed().published(2).came({16, 17}).away().published(10).came({25});
  return talk.subscribed().judged();
}

// Members that leave, and gaps that go with them.
verdict of_a_shared_run(std::uint64_t memory_bytes) {
  conversation talk({qos::at_least_once}, {qos::at_least_once, true, false}, memory_bytes);
  talk.subscribed().published(20).came({1, 3, 5, 9, 12, 17}).away().published(3);
  return talk.subscribed().published(5).came({24, 26}).judged();
}

void expect_no_false_fault_whatever_the_limit(verdict (*run)(std::uint64_t memory_bytes), const std::string& faults) {
  const verdict truth = run(plenty);
  EXPECT_EQ(faults_of(truth), faults);
  bool was_complete = false;
  for (std::uint64_t limit = 0; limit < 2000; limit += 8) {
    SCOPED_TRACE(limit);
    const verdict found = run(limit);
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) EXPECT_LE(found.counts[kind], truth.counts[kind]) << kind;
    if (found.complete) {
      EXPECT_EQ(faults_of(found), faults);
    }
    EXPECT_LE(was_complete, found.complete);
    was_complete = found.complete;
  }
  EXPECT_TRUE(was_complete);
}

TEST(audit_memory, whatever_the_limit_there_is_never_a_false_fault) {
  expect_no_false_fault_whatever_the_limit(of_an_eventful_run,
                                           "lost 7, reordered 1, duplicated_with_reason 2, in_doubt 2, refused 3");
  expect_no_false_fault_whatever_the_limit(of_a_run_that_subscribes_again, "lost 9");
  expect_no_false_fault_whatever_the_limit(of_a_shared_run, "lost 3");
}

TEST(audit_memory, of_a_gap_that_is_filled_nothing_stays_but_what_is_wanted) {
  conversation talk({qos::at_least_once, mqtt::no_expiry, 10}, {qos::at_least_once}, plenty,
                    {{false, false, true, false, false, true, false, false, false, false}});
  talk.subscribed().published(100'000);
  std::uint64_t before = 0;
  for (std::uint64_t base = 0; base + 20 < 100'000; base += 20) {
    talk.came({base + 15});
    for (const std::uint64_t n : {5U, 2U, 12U}) talk.deliver({.publisher = 0, .sequence = base + n, .dup = true});
    if (base == 0) before = talk.under_test.memory_bytes();
  }
  EXPECT_EQ(talk.under_test.memory_bytes(), before);
  EXPECT_GT(before, 0U);
}

TEST(audit_memory, gives_back_what_closed_gaps_took) {
  conversation talk(qos::at_least_once, 20'000);
  talk.subscribed();
  for (std::uint64_t round = 0; round < 50; ++round) {
    const std::uint64_t base = round * 400;
    talk.published(400);
    for (std::uint64_t n = 1; n < 400; n += 2) talk.came({base + n});
    for (std::uint64_t n = 0; n < 400; n += 2) talk.deliver({.publisher = 0, .sequence = base + n, .dup = true});
  }
  const verdict found = talk.judged();
  EXPECT_EQ(faults_of(found), "");
  EXPECT_TRUE(found.complete);
}

TEST(audit_memory, in_order_nothing_is_held_but_numbers) {
  conversation talk;
  talk.subscribed().published(1).came({0});
  const std::uint64_t before = talk.under_test.memory_bytes();
  for (std::uint64_t n = 1; n < 10'000; ++n) talk.published(1).came({n});
  EXPECT_EQ(talk.judged().memory_bytes, before);
}

TEST(audit_memory, what_was_reserved_is_all_that_is_taken) {
  audit one(plenty);
  one.reserve(1000, 1000, 1000);
  const std::uint64_t reserved = one.memory_bytes();
  EXPECT_LE(reserved, 150'000U);
  for (int n = 0; n < 1000; ++n) one.add_flow(one.add_audience({}), one.add_publisher({}), 0);
  EXPECT_EQ(one.memory_bytes(), reserved);
  audit small(1000);
  small.reserve(0, 0, 1000);
  EXPECT_EQ(small.memory_bytes(), 0U);
}

}  // namespace
}  // namespace headgate::loadtest::core
