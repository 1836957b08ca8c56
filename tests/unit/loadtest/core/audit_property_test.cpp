#include <gtest/gtest.h>

#include "tests/unit/loadtest/core/audit_conversation.hpp"
#include "tests/unit/loadtest/core/audit_scenario.hpp"

namespace headgate::loadtest::core {
namespace {

std::string all_of(const verdict& found) {
  return faults_of(found) + " | required " + std::to_string(found.required) + ", received " +
         std::to_string(found.received);
}

TEST(audit_property, equals_the_naive_model) {
  std::uint64_t seen[fault_kinds] = {};
  std::uint64_t expired = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    tests::dice dice(seed);
    audit_scenario run(dice, plenty);
    for (std::uint32_t left = 20 + dice.below(180); left > 0; --left) {
      run.step();
      if (dice.one_in(25)) {
        ASSERT_EQ(run.under_test.is_settled(), run.model.is_settled());
      }
    }
    if (dice.one_in(3)) {
      run.drain();
      ASSERT_EQ(run.under_test.is_settled(), run.model.is_settled());
    }
    const verdict found = run.under_test.judge(run.now_ns);
    ASSERT_EQ(all_of(found), all_of(run.model.judge(run.now_ns)));
    ASSERT_TRUE(found.complete);
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) seen[kind] += found.counts[kind];
    expired += found.expired;
  }
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) EXPECT_GT(seen[kind], 100U) << kind;
  EXPECT_GT(expired, 100U);
}

TEST(audit_property, with_hardly_any_memory_there_is_never_a_false_fault) {
  std::uint32_t incomplete = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    tests::dice dice(seed);
    audit_scenario run(dice, 500 + dice.below(3000));
    for (std::uint32_t left = 20 + dice.below(180); left > 0; --left) run.step();
    const verdict found = run.under_test.judge(run.now_ns);
    const verdict truth = run.model.judge(run.now_ns);
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) ASSERT_LE(found.counts[kind], truth.counts[kind]) << kind;
    if (found.complete) {
      ASSERT_EQ(all_of(found), all_of(truth));
    } else {
      ++incomplete;
    }
  }
  EXPECT_GT(incomplete, 500U);
  EXPECT_LT(incomplete, 1900U);
}

}  // namespace
}  // namespace headgate::loadtest::core
