#include "base/hash_index.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "tests/unit/property.hpp"

namespace headgate::base {
namespace {

// Few values for every part of a hash that the index looks at: the part (its highest bits), the tag (its low half), and
// a middle that it does not look at, so that two hashes may differ and still collide.
std::uint64_t colliding_hash(tests::dice& dice) {
  const std::uint64_t part = dice.below(2) * 63;
  const std::uint64_t middle = dice.below(2);
  const std::uint64_t tag = dice.below(4) << 12 | dice.below(24);
  return part << 58 | middle << 40 | tag;
}

std::vector<std::uint32_t> all_under(const hash_index& index, std::uint64_t hash) {
  std::vector<std::uint32_t> numbers;
  index.find(hash, [&](std::uint32_t number) {
    numbers.push_back(number);
    return false;
  });
  std::ranges::sort(numbers);
  return numbers;
}

// The index keeps no more of a hash than part and tag: it offers every number that agrees in these.
bool offered_together(std::uint64_t a, std::uint64_t b) {
  return a >> 58 == b >> 58 && static_cast<std::uint32_t>(a) == static_cast<std::uint32_t>(b);
}

std::vector<std::uint32_t> all_under(const std::multimap<std::uint64_t, std::uint32_t>& model, std::uint64_t hash) {
  std::vector<std::uint32_t> numbers;
  for (const auto& [other, number] : model) {
    if (offered_together(other, hash)) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

void expect_equal(const hash_index& index, const std::multimap<std::uint64_t, std::uint32_t>& model,
                  std::uint64_t hash) {
  ASSERT_EQ(all_under(index, hash), all_under(model, hash)) << "hash " << hash;
}

TEST(hash_index, empty_finds_nothing) {
  const hash_index index;
  EXPECT_EQ(index.size(), 0U);
  EXPECT_EQ(index.memory(), 0U);
  EXPECT_EQ(index.candidate(7), hash_index::none);
  index.prefetch(7);
}

TEST(hash_index, erase_closes_the_gap_also_round_the_end) {
  hash_index index;
  // Eight slots: 6, 7 and 14 want the last two, so that the third and the fourth go round to the first ones.
  index.insert(6, 100);
  index.insert(7, 101);
  index.insert(14, 102);
  index.insert(7, 103);
  index.insert(0, 104);
  index.erase(6, 100);
  EXPECT_EQ(all_under(index, 6), std::vector<std::uint32_t>());
  EXPECT_EQ(all_under(index, 7), (std::vector<std::uint32_t>{101, 103}));
  EXPECT_EQ(all_under(index, 14), (std::vector<std::uint32_t>{102}));
  EXPECT_EQ(all_under(index, 0), (std::vector<std::uint32_t>{104}));
  index.erase(7, 101);
  EXPECT_EQ(all_under(index, 7), (std::vector<std::uint32_t>{103}));
  EXPECT_EQ(all_under(index, 0), (std::vector<std::uint32_t>{104}));
}

TEST(hash_index, property_like_a_multimap_with_colliding_hashes) {
  tests::for_each_seed([](tests::dice& dice) {
    hash_index index;
    std::multimap<std::uint64_t, std::uint32_t> model;
    std::uint32_t next = 0;
    for (int step = 0; step < 4000; ++step) {
      const auto hash = colliding_hash(dice);
      // Grows for a while, then shrinks to nothing, twice.
      const bool grows = step / 1000 % 2 == 0;
      if (dice.below(10) < (grows ? 8U : 1U)) {
        index.insert(hash, next);
        model.emplace(hash, next++);
      } else if (const auto held = model.lower_bound(hash); held != model.end()) {
        index.erase(held->first, held->second);
        model.erase(held);
      }
      ASSERT_EQ(index.size(), model.size());
      ASSERT_NO_FATAL_FAILURE(expect_equal(index, model, hash));
      ASSERT_NO_FATAL_FAILURE(expect_equal(index, model, colliding_hash(dice)));
    }
    while (!model.empty()) {
      const auto [hash, number] = *model.begin();
      index.erase(hash, number);
      model.erase(model.begin());
      ASSERT_NO_FATAL_FAILURE(expect_equal(index, model, hash));
    }
    EXPECT_EQ(index.size(), 0U);
  });
}

TEST(hash_index, growth_keeps_every_entry_and_the_bound_on_memory) {
  tests::for_each_seed([](tests::dice& dice) {
    hash_index index;
    std::vector<std::uint64_t> hashes;
    for (std::uint32_t number = 0; number < 50'000; ++number) {
      hashes.push_back(dice.bits());
      index.insert(hashes.back(), number);
    }
    for (std::uint32_t number = 0; number < hashes.size(); ++number) {
      ASSERT_EQ(index.find(hashes[number], [&](std::uint32_t found) { return found == number; }), number);
    }
    // Parts are between 3/8 and 3/4 full: 16 bytes an entry, as base/limits counts, with some room for uneven parts.
    EXPECT_GE(index.memory(), hashes.size() * 8 * 4 / 3);
    EXPECT_LE(index.memory(), hashes.size() * 8 * 8 / 3);
  });
}

TEST(hash_index, the_predicate_decides_among_equal_hashes) {
  hash_index index;
  for (std::uint32_t number = 0; number < 20; ++number) index.insert(42, number);
  EXPECT_EQ(index.find(42, [](std::uint32_t number) { return number == 13; }), 13U);
  EXPECT_EQ(index.find(42, [](std::uint32_t number) { return number == 20; }), hash_index::none);
  EXPECT_LT(index.candidate(42), 20U);
}

}  // namespace
}  // namespace headgate::base
