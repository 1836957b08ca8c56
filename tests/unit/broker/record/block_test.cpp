#include "broker/record/block.hpp"

#include <gtest/gtest.h>

namespace headgate::broker::record {
namespace {

TEST(block_ref, counts_those_who_hold_the_block) {
  auto first = block_ref::make(100);
  EXPECT_TRUE(first);
  EXPECT_EQ(first->capacity, 100U);
  EXPECT_TRUE(first.is_alone());
  {
    const auto second = first;
    EXPECT_EQ(second, first);
    EXPECT_FALSE(first.is_alone());
  }
  EXPECT_TRUE(first.is_alone());
  const auto moved = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): it is empty, which is what is asked
  EXPECT_TRUE(moved.is_alone());
}

TEST(block_ref, assigning_lets_the_old_block_go_and_itself_changes_nothing) {
  auto first = block_ref::make(8);
  const auto other = block_ref::make(16);
  auto watcher = first;
  first = other;
  EXPECT_TRUE(watcher.is_alone());
  EXPECT_EQ(first, other);
  const auto& same = first;
  first = same;
  EXPECT_EQ(first->capacity, 16U);
  first.reset();
  first.reset();
  EXPECT_FALSE(first);
  EXPECT_TRUE(other.is_alone());
}

}  // namespace
}  // namespace headgate::broker::record
