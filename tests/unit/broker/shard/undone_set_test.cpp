#include "broker/shard/undone_set.hpp"

#include <algorithm>
#include <map>

#include "tests/unit/property.hpp"

namespace headgate::broker::shard {
namespace {

route holder(std::uint32_t number) {
  return {base::worker_id{static_cast<std::uint16_t>(number % 2)}, link::filter_id{number}};
}

TEST(undone_set, only_its_holder_finishes_a_message_or_gives_it_back) {
  undone_set set;
  set.give(record::offset{5}, holder(1));
  EXPECT_FALSE(set.finish(record::offset{5}, holder(2)));
  EXPECT_FALSE(set.give_back(record::offset{4}, holder(1)));
  EXPECT_TRUE(set.give_back(record::offset{5}, holder(1)));
  EXPECT_FALSE(set.give_back(record::offset{5}, holder(1)));
  EXPECT_FALSE(set.finish(record::offset{5}, holder(1)));
  EXPECT_EQ(set.find_returned(record::offset{0}), record::offset{5});
  EXPECT_EQ(set.find_returned(record::offset{6}), std::nullopt);
  set.give_again(record::offset{5}, holder(2));
  EXPECT_TRUE(set.finish(record::offset{5}, holder(2)));
  EXPECT_EQ(set.size(), 0U);
}

TEST(undone_set, remembers_which_workers_refused_a_message_until_they_ask_anew) {
  using link::group_refusal;
  const base::worker_id first{0};
  const base::worker_id second{1};
  undone_set set;
  const record::offset place{5};
  set.give(place, holder(2));
  set.give_back(place, holder(2), group_refusal::nobody);
  set.give_again(place, holder(1));
  set.give_back(place, holder(1), group_refusal::no_room);
  EXPECT_TRUE(set.refusals_of(place).has(first) && set.refusals_of(place).has(second));
  EXPECT_FALSE(set.refusals_of(place).can_wait_at(first));
  EXPECT_TRUE(set.refusals_of(place).can_wait_at(second));
  set.forget_refusals(first);
  EXPECT_FALSE(set.refusals_of(place).has(first));
  EXPECT_TRUE(set.refusals_of(place).has(second));
  // What waits there and comes back is wanted there.
  set.give_again(place, holder(1));
  EXPECT_EQ(set.size(), 1U);
  EXPECT_TRUE(set.hold(place, holder(1)));
  EXPECT_FALSE(set.hold(place, holder(2)));
  EXPECT_EQ(set.size(), 0U);
  EXPECT_TRUE(set.give_back(place, holder(1)));
  EXPECT_EQ(set.size(), 1U);
  EXPECT_EQ(set.refusals_of(place).all, 0U);
}

TEST(undone_set, property_like_a_map) {
  tests::for_each_seed([](headgate::tests::dice& dice) {
    struct entry {
      std::uint32_t holder = 0;
      bool returned = false;
      bool waits = false;
    };
    undone_set set;
    std::map<std::uint64_t, entry> model;
    std::uint64_t next = 0;
    for (int step = 0; step < 20'000; ++step) {
      const auto who = dice.below(3);
      // Grows for a while, then shrinks; mostly near its front.
      const record::offset place{next - std::min(next, dice.below(model.size() + 3) * std::uint64_t{2})};
      const auto found = model.find(place.value);
      const bool held = found != model.end() && !found->second.returned && found->second.holder == who;
      switch (dice.below(step / 2000 % 2 == 0 ? 5 : 9)) {
        case 0:
        case 1:
          next += 1 + dice.below(3);
          set.give(record::offset{next}, holder(who));
          model[next] = {who, false, false};
          break;
        case 2:
          ASSERT_EQ(set.give_back(place, holder(who)), held);
          if (held) found->second = {who, true, false};
          if (dice.one_in(3) && found != model.end() && !found->second.returned) {
            ASSERT_TRUE(set.hold(place, holder(found->second.holder)));
            found->second.waits = true;
          }
          break;
        case 3:
          if (const auto returned = set.find_returned(place)) {
            if (dice.one_in(2)) {
              set.give_again(*returned, holder(who));
              model[returned->value] = {who, false, false};
            } else {
              set.drop_returned(*returned);
              model.erase(returned->value);
            }
          }
          break;
        case 4:
          if (dice.one_in(200)) {
            std::size_t count = 0;
            for (auto& [at, entry] : model) {
              if (entry.returned || entry.holder != who) continue;
              entry.returned = true;
              entry.waits = false;
              ++count;
            }
            ASSERT_EQ(set.give_back_all(holder(who)), count);
          }
          break;
        default:
          ASSERT_EQ(set.finish(place, holder(who)), held);
          if (held) model.erase(found);
      }
      const auto waiting = std::count_if(model.begin(), model.end(), [](const auto& one) { return one.second.waits; });
      ASSERT_EQ(set.size() + static_cast<std::size_t>(waiting), model.size());
      const auto first = std::find_if(model.begin(), model.end(), [](const auto& one) { return one.second.returned; });
      ASSERT_EQ(set.any_returned(), first != model.end());
      const auto returned = set.find_returned(record::offset{0});
      ASSERT_EQ(returned.has_value(), first != model.end());
      if (returned) {
        ASSERT_EQ(returned->value, first->first);
      }
    }
  });
}

}  // namespace
}  // namespace headgate::broker::shard
