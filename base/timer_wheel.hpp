#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace headgate::base {

// One timer a number (a client's index), in seconds, at 16 bytes each. Setting a timer that is set already to a later
// time only notes it: the timer is moved when its old time comes, so a client that sends all the time costs nothing
// here. One thread. Timers ring up to a second late, never early. Setting it to an earlier time moves it at once.
// Invariant: a number stands in at most one bucket, and that bucket is the one of its `due` or of an earlier second.
class timer_wheel {
 public:
  explicit timer_wheel(monotonic_ms now);

  // Sets or replaces the timer of `number`: it rings once, `seconds` (at least 1) from `now`, which may be ahead of the
  // last advance(): a poll without timers may have lasted for hours.
  void set(std::uint32_t number, std::uint32_t seconds, monotonic_ms now);
  void cancel(std::uint32_t number);

  // Moves to `now` and appends the numbers whose time has come to `rung`.
  void advance(monotonic_ms now, std::vector<std::uint32_t>& rung);

  // Milliseconds until the next second begins, while any timer is set: how long a poll may wait; -1 when none is.
  int wait_ms(monotonic_ms now) const;

 private:
  static constexpr std::uint32_t bucket_count = 4096;
  static constexpr std::uint32_t none = 0xffff'ffff;
  static constexpr std::uint32_t never = 0xffff'ffff;

  struct timer {
    std::uint32_t due = never;  // second since start
    std::uint32_t next = none;  // in its bucket's list
    std::uint32_t previous = none;
    std::uint32_t filed = never;  // second of the bucket it stands in
  };

  std::uint32_t second_of(monotonic_ms now) const;
  void file(std::uint32_t number);
  void unfile(std::uint32_t number);
  void empty_bucket(std::uint32_t second, std::vector<std::uint32_t>& rung);

  std::vector<std::uint32_t> buckets_;
  std::vector<timer> timers_;
  monotonic_ms start_;
  std::uint32_t second_ = 0;
  std::uint32_t filed_ = 0;  // timers in buckets
};

}  // namespace headgate::base
