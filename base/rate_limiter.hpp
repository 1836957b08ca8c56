#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/time.hpp"

namespace headgate::base {

// Lets through `per_second` events a second, in bursts of as many, and counts the others. One thread.
class rate_limiter {
 public:
  explicit rate_limiter(std::uint32_t per_second) : per_second_(per_second), tokens_ms_(per_second * 1000ULL) {}

  bool admit(monotonic_ms now) {
    const auto elapsed = now.value > last_.value ? now.value - last_.value : 0;
    last_ = now;
    tokens_ms_ = std::min<std::uint64_t>(tokens_ms_ + elapsed * per_second_, per_second_ * 1000ULL);
    if (tokens_ms_ < 1000) {
      ++left_out_;
      return false;
    }
    tokens_ms_ -= 1000;
    return true;
  }

  // How many were refused since the last call.
  std::uint64_t take_left_out() { return std::exchange(left_out_, 0); }

 private:
  std::uint64_t per_second_;
  std::uint64_t tokens_ms_;  // thousandths of an event
  std::uint64_t left_out_ = 0;
  monotonic_ms last_;
};

}  // namespace headgate::base
