#include "base/ring_queue.hpp"

#include <deque>
#include <memory>

#include "tests/unit/property.hpp"

namespace headgate::base {
namespace {

TEST(ring_queue, property_like_a_deque) {
  tests::for_each_seed([](tests::dice& dice) {
    ring_queue<std::uint64_t> queue;
    std::deque<std::uint64_t> model;
    for (int step = 0; step < 20'000; ++step) {
      // Long runs of pushes and of pops, so that the queue grows while its front stands in the middle of the array.
      const bool fills = step / 150 % 2 == 0;
      if (dice.below(10) < (fills ? 7U : 2U)) {
        model.push_back(dice.bits());
        queue.push_back(model.back());
      } else if (!model.empty()) {
        model.pop_front();
        queue.pop_front();
      }
      ASSERT_EQ(queue.size(), model.size());
      ASSERT_EQ(queue.empty(), model.empty());
      if (model.empty()) continue;
      ASSERT_EQ(queue.front(), model.front());
      ASSERT_EQ(queue.back(), model.back());
      const auto n = dice.below(model.size());
      ASSERT_EQ(queue[n], model[n]);
    }
  });
}

TEST(ring_queue, keeps_its_array) {
  ring_queue<int> queue;
  for (int n = 0; n < 16; ++n) queue.push_back(n);
  const auto* first = &queue.front();
  for (int n = 0; n < 100; ++n) {
    queue.pop_front();
    queue.push_back(n);
  }
  EXPECT_EQ(queue.size(), 16U);
  EXPECT_GE(&queue.back(), first);
  EXPECT_LT(&queue.back(), first + 16);
}

TEST(ring_queue, what_is_popped_is_let_go_at_once) {
  ring_queue<std::shared_ptr<int>> queue;
  const auto held = std::make_shared<int>(1);
  for (int n = 0; n < 20; ++n) queue.push_back(held);
  EXPECT_EQ(held.use_count(), 21);
  queue.pop_front();
  EXPECT_EQ(held.use_count(), 20);
}

TEST(ring_queue_death, popping_nothing_is_our_bug) {
  ring_queue<int> queue;
  EXPECT_DEATH(queue.pop_front(), "assertion failed");
}

}  // namespace
}  // namespace headgate::base
