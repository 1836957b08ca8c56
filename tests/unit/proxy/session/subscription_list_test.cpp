#include "proxy/session/subscription_list.hpp"

#include <algorithm>
#include <map>

#include "tests/unit/property.hpp"

namespace headgate::proxy::session {
namespace {

TEST(subscription_list, property_like_a_map) {
  tests::for_each_seed([](tests::dice& dice) {
    subscription_list list;
    std::map<std::uint32_t, std::uint32_t> model;
    for (int step = 0; step < 20'000; ++step) {
      // Mostly a few filters, now and then many.
      const auto filter = dice.below(step / 1000 % 4 == 3 ? 100 : 4) * 0x0200'0003U;
      auto* found = list.find(filter);
      ASSERT_EQ(found != nullptr, model.contains(filter));
      if (found == nullptr) {
        model[filter] = dice.below(1000);
        list.insert({filter, model[filter]});
      } else if (dice.one_in(3)) {
        found->place = model[filter] = dice.below(1000);
      } else if (dice.one_in(500)) {
        list.clear();
        model.clear();
      } else {
        list.erase(filter);
        model.erase(filter);
      }
      ASSERT_EQ(list.size(), model.size());
      ASSERT_TRUE(std::ranges::equal(list.all(), model, [](const held_filter& held, const auto& expected) {
        return held.filter == expected.first && held.place == expected.second;
      }));
    }
  });
}

TEST(subscription_list, is_16_bytes_and_nothing_while_empty) {
  EXPECT_EQ(sizeof(subscription_list), 16U);
  subscription_list list;
  list.insert({1, 2});
  list.erase(1);
  EXPECT_EQ(list.all().data(), nullptr);
}

TEST(subscription_list_death, erasing_what_is_not_held_is_our_bug) {
  subscription_list list;
  list.insert({1, 0});
  EXPECT_DEATH(list.erase(2), "assertion failed");
}

}  // namespace
}  // namespace headgate::proxy::session
