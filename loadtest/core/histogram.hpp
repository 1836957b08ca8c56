#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace headgate::loadtest::core {

// Counts of durations in nanoseconds. Every power of two is cut into 128 steps and a percentile is the middle of its
// step, so that it is at most 0.4 % off; the maximum is exact. 64 KB once something is recorded. One thread.
class histogram {
 public:
  void record(std::uint64_t ns) { record(ns, 1); }
  void record(std::uint64_t ns, std::uint64_t count) {
    if (counts_.empty()) [[unlikely]]
      counts_.resize(slots);
    counts_[slot_of(ns)] += count;
    total_ += count;
    if (ns > maximum_) maximum_ = ns;
    sum_ += static_cast<double>(ns) * static_cast<double>(count);
  }
  std::uint64_t total() const { return total_; }
  std::size_t bytes() const { return counts_.capacity() * sizeof counts_[0]; }
  std::uint64_t maximum_ns() const { return maximum_; }
  double mean_ns() const { return total_ == 0 ? 0 : sum_ / static_cast<double>(total_); }
  // The duration that `share` (0 to 1) of all do not exceed; 0 of none.
  std::uint64_t percentile_ns(double share) const;

  // Every step that has something in it, in ascending order: its middle and its count.
  struct step {
    std::uint64_t ns = 0;
    std::uint64_t count = 0;
  };
  std::vector<step> steps() const;

 private:
  static constexpr int step_bits = 7;
  static constexpr std::size_t steps_a_power = std::size_t{1} << step_bits;
  static constexpr std::size_t slots = (64 - step_bits + 1) * steps_a_power;

  // Below 128 a number is its own slot; above, its top eight bits and its power of two decide.
  static std::size_t slot_of(std::uint64_t ns) {
    if (ns < steps_a_power) return ns;
    const int shift = static_cast<int>(std::bit_width(ns)) - step_bits - 1;
    return (static_cast<std::size_t>(shift) << step_bits) + static_cast<std::size_t>(ns >> shift);
  }
  static std::uint64_t middle_of(std::size_t slot);

  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  std::uint64_t maximum_ = 0;
  double sum_ = 0;
};

}  // namespace headgate::loadtest::core
