#include "base/slab.hpp"

#include <map>
#include <vector>

#include "tests/unit/property.hpp"

namespace headgate::base {
namespace {

TEST(slab, numbers_from_zero_and_the_latest_released_first) {
  slab<int, 4> slab;
  for (std::uint32_t expected = 0; expected < 6; ++expected) EXPECT_EQ(slab.acquire(), expected);
  slab.release(1);
  slab.release(4);
  EXPECT_EQ(slab.in_use(), 4U);
  EXPECT_EQ(slab.acquire(), 4U);
  EXPECT_EQ(slab.acquire(), 1U);
  EXPECT_EQ(slab.acquire(), 6U);
  EXPECT_EQ(slab.size(), 7U);
}

TEST(slab, cover_makes_objects_up_to_an_index) {
  slab<int, 4> slab;
  slab.cover(9);
  EXPECT_EQ(slab.size(), 10U);
  slab[9] = 5;
  slab.cover(3);
  EXPECT_EQ(slab.size(), 10U);
  EXPECT_EQ(slab[9], 5);
}

TEST(slab, property_objects_stay_where_they_are) {
  tests::for_each_seed([](tests::dice& dice) {
    slab<std::uint64_t, 8> slab;
    std::map<std::uint32_t, std::pair<const std::uint64_t*, std::uint64_t>> model;
    for (int step = 0; step < 5000; ++step) {
      if (model.empty() || dice.below(5) < 3) {
        const auto index = slab.acquire();
        ASSERT_LT(index, slab.size());
        slab[index] = dice.bits();
        ASSERT_TRUE(model.emplace(index, std::pair{&slab[index], slab[index]}).second) << "given out twice";
      } else {
        auto held = model.lower_bound(dice.below(slab.size()));
        if (held == model.end()) held = model.begin();
        slab.release(held->first);
        model.erase(held);
      }
      ASSERT_EQ(slab.in_use(), model.size());
    }
    for (const auto& [index, held] : model) {
      EXPECT_EQ(&slab[index], held.first);
      EXPECT_EQ(slab[index], held.second);
    }
  });
}

TEST(slab_death, a_number_never_given_out_is_our_bug) {
  slab<int> slab;
  EXPECT_DEATH(slab.release(0), "assertion failed");
}

}  // namespace
}  // namespace headgate::base
