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
  const std::uint64_t before = talk.subscribed().published(1).came({0}).judged().memory_bytes;
  for (std::uint64_t n = 1; n < 10'000; ++n) talk.published(1).came({n});
  EXPECT_EQ(talk.judged().memory_bytes, before);
}

}  // namespace
}  // namespace headgate::loadtest::core
