#include "base/timer_wheel.hpp"

#include <algorithm>
#include <map>

#include "tests/unit/property.hpp"

namespace headgate::base {
namespace {

// A wheel, its clock, and what is naively expected of it.
class timers {
 public:
  explicit timers(std::uint64_t start_ms) : now_{start_ms}, wheel_(now_) {}

  void set(std::uint32_t number, std::uint32_t seconds) {
    wheel_.set(number, seconds, now_);
    due_ms_[number] = now_.value + std::max(seconds, 1U) * 1000ULL;
  }
  void cancel(std::uint32_t number) {
    wheel_.cancel(number);
    due_ms_.erase(number);
  }
  // Time passes; the wheel is not told.
  void pass(std::uint64_t elapsed_ms) { now_.value += elapsed_ms; }
  // Returns what rang, and checks that each was due, and that all that were due a second ago rang.
  std::vector<std::uint32_t> advance() {
    std::vector<std::uint32_t> rung;
    wheel_.advance(now_, rung);
    for (const auto number : rung) {
      const auto expected = due_ms_.find(number);
      if (expected == due_ms_.end()) {
        ADD_FAILURE() << number << " rang but was not set";
        continue;
      }
      EXPECT_LE(expected->second, now_.value) << number << " rang early";
      due_ms_.erase(expected);
    }
    for (const auto& [number, due_ms] : due_ms_) {
      EXPECT_GT(due_ms + 1000, now_.value) << number << " should have rung";
    }
    return rung;
  }
  bool any_set() const { return !due_ms_.empty(); }
  std::size_t count() const { return due_ms_.size(); }
  int wait_ms() const { return wheel_.wait_ms(now_); }

 private:
  monotonic_ms now_;
  timer_wheel wheel_;
  std::map<std::uint32_t, std::uint64_t> due_ms_;
};

// Mostly short times, sometimes far beyond the wheel's 4,096 buckets.
std::uint32_t some_seconds(tests::dice& dice) {
  switch (dice.below(4)) {
    case 0:
      return dice.below(3);
    case 1:
      return 1 + dice.below(90);
    case 2:
      return 4000 + dice.below(200);
    default:
      return dice.below(98'304);  // one and a half times the longest Keep Alive
  }
}

TEST(timer_wheel, property_like_a_map_of_due_times) {
  tests::for_each_seed([](tests::dice& dice) {
    timers timers(dice.bits() % 1'000'000'000);
    for (int step = 0; step < 20'000 && !::testing::Test::HasFailure(); ++step) {
      const auto number = dice.below(200);
      switch (dice.below(8)) {
        case 0:
          timers.cancel(number);
          break;
        case 1:
          timers.pass(dice.below(dice.one_in(50) ? 20'000'000 : 3000));
          // Sometimes a timer is set before the wheel has heard how late it is.
          if (dice.one_in(3)) timers.set(number, some_seconds(dice));
          timers.advance();
          break;
        default:
          timers.set(number, some_seconds(dice));
      }
    }
    timers.pass(200'000'000);
    timers.advance();
    EXPECT_FALSE(timers.any_set());
  });
}

TEST(timer_wheel, every_millisecond_of_a_second_is_late_enough) {
  for (std::uint64_t start = 0; start < 1000; start += 7) {
    timers timers(start);
    timers.pass(start * 13 % 1000);
    timers.set(0, 1);
    for (int step = 0; step < 25; ++step) {
      timers.pass(83);
      timers.advance();
    }
    EXPECT_FALSE(timers.any_set());
  }
}

TEST(timer_wheel, set_again_later_then_earlier) {
  timers timers(5000);
  timers.set(3, 10);
  timers.set(3, 20);
  timers.pass(15'000);
  EXPECT_TRUE(timers.advance().empty());
  timers.set(3, 2);
  timers.pass(3000);
  EXPECT_EQ(timers.advance(), std::vector<std::uint32_t>{3});
  timers.pass(100'000);
  EXPECT_TRUE(timers.advance().empty());
}

TEST(timer_wheel, cancelled_timers_never_ring_and_can_be_set_again) {
  timers timers(0);
  timers.cancel(99);  // never set
  for (std::uint32_t number = 0; number < 3; ++number) timers.set(number, 5);
  timers.cancel(1);
  timers.pass(6000);
  auto rung = timers.advance();
  std::ranges::sort(rung);
  EXPECT_EQ(rung, (std::vector<std::uint32_t>{0, 2}));
  timers.set(1, 5);
  timers.cancel(1);
  timers.set(1, 30);
  timers.pass(6000);
  EXPECT_TRUE(timers.advance().empty());
  timers.pass(25'000);
  EXPECT_EQ(timers.advance(), std::vector<std::uint32_t>{1});
}

TEST(timer_wheel, a_timer_set_after_a_long_silence_counts_from_now) {
  timers timers(1000);
  timers.pass(3'600'000);  // a poll that had no timer to wait for
  timers.set(0, 10);
  EXPECT_TRUE(timers.advance().empty());
  timers.pass(9999);
  EXPECT_TRUE(timers.advance().empty());
  timers.pass(1001);
  EXPECT_EQ(timers.advance(), std::vector<std::uint32_t>{0});
}

TEST(timer_wheel, tells_how_long_a_poll_may_wait) {
  timers timers(250);
  EXPECT_EQ(timers.wait_ms(), -1);
  timers.set(0, 1);
  EXPECT_EQ(timers.wait_ms(), 1000);
  timers.pass(400);
  EXPECT_EQ(timers.wait_ms(), 600);
  timers.pass(2000);
  timers.advance();
  EXPECT_EQ(timers.wait_ms(), -1);
}

}  // namespace
}  // namespace headgate::base
