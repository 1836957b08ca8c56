#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "worker/view.hpp"

namespace headgate::worker {

// Where the time of a worker's turns goes: the fine clock is read at each border between two phases, and what has
// passed since the one before belongs to the phase that ends. No time is left out: all phases and the sleep add up to
// the worker's life. One thread; the clock outlives it.
class phase_times {
 public:
  explicit phase_times(base::clock& clock) : clock_(clock), border_ns_(clock.monotonic_ns()) {}

  // Return the time of the border, in nanoseconds of the fine clock.
  std::uint64_t end(phase ended) { return add(spent_ns_[static_cast<std::size_t>(ended)]); }
  std::uint64_t end_sleep() { return add(idle_ns_); }

  const std::array<std::uint64_t, phases>& spent_ns() const { return spent_ns_; }
  std::uint64_t idle_ns() const { return idle_ns_; }

 private:
  std::uint64_t add(std::uint64_t& sum_ns) {
    const auto now_ns = clock_.monotonic_ns();
    sum_ns += now_ns - border_ns_;
    border_ns_ = now_ns;
    return now_ns;
  }

  base::clock& clock_;
  std::uint64_t border_ns_;
  std::array<std::uint64_t, phases> spent_ns_{};
  std::uint64_t idle_ns_ = 0;
};

}  // namespace headgate::worker
