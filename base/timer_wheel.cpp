#include "base/timer_wheel.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace headgate::base {

timer_wheel::timer_wheel(monotonic_ms now) : buckets_(bucket_count, none), start_(now) {}

void timer_wheel::set(std::uint32_t number, std::uint32_t seconds, monotonic_ms now) {
  if (number >= timers_.size()) timers_.resize(std::max<std::size_t>(number + 1, timers_.size() + timers_.size() / 8));
  auto& timer = timers_[number];
  // The present second has begun already: one more, so that no timer rings early.
  timer.due = second_of(now) + std::max(seconds, 1U) + 1;
  if (timer.filed != never && timer.due < timer.filed) unfile(number);
  if (timer.filed == never) file(number);
}

void timer_wheel::cancel(std::uint32_t number) {
  if (number < timers_.size()) timers_[number].due = never;
}

std::uint32_t timer_wheel::second_of(monotonic_ms now) const {
  HEADGATE_ASSERT(now >= start_);
  return static_cast<std::uint32_t>((now.value - start_.value) / 1000);
}

void timer_wheel::file(std::uint32_t number) {
  auto& timer = timers_[number];
  timer.filed = std::min(timer.due, second_ + bucket_count - 1);
  auto& bucket = buckets_[timer.filed % bucket_count];
  timer.next = bucket;
  timer.previous = none;
  if (bucket != none) timers_[bucket].previous = number;
  bucket = number;
  ++filed_;
}

void timer_wheel::unfile(std::uint32_t number) {
  auto& timer = timers_[number];
  if (timer.next != none) timers_[timer.next].previous = timer.previous;
  if (timer.previous != none) {
    timers_[timer.previous].next = timer.next;
  } else {
    buckets_[timer.filed % bucket_count] = timer.next;
  }
  timer.filed = never;
  --filed_;
}

void timer_wheel::empty_bucket(std::uint32_t second, std::vector<std::uint32_t>& rung) {
  auto number = std::exchange(buckets_[second % bucket_count], none);
  while (number != none) {
    auto& timer = timers_[number];
    const auto next = timer.next;
    --filed_;
    timer.filed = never;
    if (timer.due == never) {
      // Cancelled: forgotten here.
    } else if (timer.due <= second) {
      timer.due = never;
      rung.push_back(number);
    } else {
      file(number);
    }
    number = next;
  }
}

void timer_wheel::advance(monotonic_ms now, std::vector<std::uint32_t>& rung) {
  const auto second = second_of(now);
  while (second_ < second) empty_bucket(++second_, rung);
}

int timer_wheel::wait_ms(monotonic_ms now) const {
  if (filed_ == 0) return -1;
  return static_cast<int>(1000 - (now.value - start_.value) % 1000);
}

}  // namespace headgate::base
