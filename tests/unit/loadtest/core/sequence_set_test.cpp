#include "loadtest/core/sequence_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/property.hpp"

namespace headgate::loadtest::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t plenty = 1 << 20;

TEST(sequence_set, joins_ranges_that_touch) {
  memory_budget memory(plenty);
  sequence_set set;
  EXPECT_TRUE(set.add(10, 20, memory));
  EXPECT_TRUE(set.add(30, 40, memory));
  EXPECT_THAT(set.ranges(), ElementsAre(sequence_range{10, 20}, sequence_range{30, 40}));
  EXPECT_TRUE(set.add(20, 30, memory));
  EXPECT_THAT(set.ranges(), ElementsAre(sequence_range{10, 40}));
  EXPECT_TRUE(set.contains(25));
  EXPECT_FALSE(set.contains(40));
}

TEST(sequence_set, removing_from_the_middle_makes_two) {
  memory_budget memory(plenty);
  sequence_set set;
  set.add(0, 10, memory);
  EXPECT_TRUE(set.remove(4, 6, memory));
  EXPECT_THAT(set.ranges(), ElementsAre(sequence_range{0, 4}, sequence_range{6, 10}));
  EXPECT_TRUE(set.remove(0, 100, memory));
  EXPECT_THAT(set.ranges(), IsEmpty());
}

TEST(sequence_set, without_memory_nothing_changes_and_ends_still_move) {
  memory_budget memory(2 * sizeof(sequence_range));
  sequence_set set;
  EXPECT_TRUE(set.add(10, 20, memory));
  EXPECT_TRUE(set.add(30, 40, memory));
  EXPECT_FALSE(set.add(50, 60, memory));
  EXPECT_FALSE(set.remove(32, 33, memory));
  EXPECT_THAT(set.ranges(), ElementsAre(sequence_range{10, 20}, sequence_range{30, 40}));
  EXPECT_TRUE(set.add(40, 45, memory));
  EXPECT_TRUE(set.remove(10, 12, memory));
  EXPECT_TRUE(set.remove(38, 45, memory));
  EXPECT_THAT(set.ranges(), ElementsAre(sequence_range{12, 20}, sequence_range{30, 38}));
}

TEST(sequence_set, gives_its_memory_back) {
  memory_budget memory(plenty);
  sequence_set set;
  for (std::uint64_t n = 0; n < 1000; ++n) set.add(2 * n, 2 * n + 1, memory);
  EXPECT_EQ(memory.held(), set.size_bytes());
  EXPECT_GE(memory.held(), 16'000U);
  set.remove(0, 3000, memory);
  EXPECT_EQ(memory.held(), 0U);
  EXPECT_GE(memory.most(), 16'000U);
}

std::set<std::uint64_t> numbers_of(std::span<const sequence_range> ranges) {
  std::set<std::uint64_t> numbers;
  std::uint64_t end = 0;
  bool is_first = true;
  for (const sequence_range& range : ranges) {
    EXPECT_LT(range.from, range.to);
    EXPECT_TRUE(is_first || end < range.from);
    for (std::uint64_t n = range.from; n < range.to; ++n) numbers.insert(n);
    end = range.to;
    is_first = false;
  }
  return numbers;
}

TEST(sequence_set, equals_a_set_of_numbers) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    tests::dice dice(seed);
    memory_budget memory(dice.one_in(3) ? 100 + dice.below(300) : plenty);
    sequence_set set;
    std::set<std::uint64_t> model;
    for (int step = 0; step < 200; ++step) {
      const std::uint64_t from = dice.below(120);
      const std::uint64_t to = from + dice.below(8);
      const bool adds = dice.one_in(2);
      const bool done = adds ? set.add(from, to, memory) : set.remove(from, to, memory);
      EXPECT_TRUE(done || memory.limit() < plenty);
      for (std::uint64_t n = from; done && n < to; ++n) adds ? void(model.insert(n)) : void(model.erase(n));
      ASSERT_EQ(numbers_of(set.ranges()), model);
      ASSERT_EQ(set.contains(from), model.contains(from));
      ASSERT_EQ(set.count(), model.size());
      ASSERT_EQ(memory.held(), set.size_bytes());
      ASSERT_LE(memory.most(), memory.limit());
    }
  }
}

TEST(sequence_set, intersections_and_differences_equal_those_of_numbers) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    tests::dice dice(seed);
    memory_budget memory(plenty);
    sequence_set sets[2];
    for (sequence_set& set : sets) {
      for (std::uint32_t left = dice.below(8); left > 0; --left) {
        const std::uint64_t from = dice.below(50);
        set.add(from, from + dice.below(10), memory);
      }
    }
    std::set<std::uint64_t> both;
    std::set<std::uint64_t> rest;
    for (const std::uint64_t n : numbers_of(sets[0].ranges())) (sets[1].contains(n) ? both : rest).insert(n);
    std::vector<sequence_range> out;
    intersect(sets[0].ranges(), sets[1].ranges(), out);
    EXPECT_EQ(numbers_of(out), both);
    subtract(sets[0].ranges(), sets[1].ranges(), out);
    EXPECT_EQ(numbers_of(out), rest);
  }
}

TEST(sequence_set, gives_back_what_it_took_each_time_that_it_becomes_empty) {
  memory_budget memory(1 << 20);
  sequence_set set;
  for (int times = 0; times < 5; ++times) {
    for (std::uint64_t n = 0; n < 100; ++n) ASSERT_TRUE(set.add(2 * n, 2 * n + 1, memory));
    EXPECT_EQ(memory.held(), set.size_bytes());
    for (std::uint64_t n = 0; n < 100; ++n) ASSERT_TRUE(set.remove(2 * n, 2 * n + 1, memory));
    EXPECT_TRUE(set.empty());
    EXPECT_EQ(memory.held(), set.size_bytes());
  }
  set.clear(memory);
  EXPECT_EQ(set.size_bytes(), 0);
  EXPECT_EQ(memory.held(), 0);
}

}  // namespace
}  // namespace headgate::loadtest::core
