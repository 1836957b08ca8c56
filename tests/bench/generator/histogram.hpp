#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace headgate::bench {

// Counts of durations in nanoseconds; every power of two is cut into 128 steps, so that a percentile is at most 0.8 %
// off.
class histogram {
 public:
  void record(std::uint64_t ns) {
    ++counts_[slot_of(ns)];
    ++total_;
    if (ns > maximum_) maximum_ = ns;
  }
  std::uint64_t total() const { return total_; }
  double maximum_us() const { return static_cast<double>(maximum_) / 1'000; }
  // The duration below which `share` (0 to 1) of all are; the middle of its step.
  double percentile_us(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t passed = 0;
    for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
      passed += counts_[slot];
      if (passed > wanted) return middle_of(slot) / 1'000;
    }
    return maximum_us();
  }

 private:
  static constexpr int step_bits = 7;
  static constexpr std::size_t steps = std::size_t{1} << step_bits;

  // Below 128 a number is its own slot; above, the top eight bits and the power of two decide.
  static std::size_t slot_of(std::uint64_t ns) {
    if (ns < steps) return ns;
    const int shift = static_cast<int>(std::bit_width(ns)) - step_bits - 1;
    return (static_cast<std::size_t>(shift) << step_bits) + static_cast<std::size_t>(ns >> shift);
  }
  static double middle_of(std::size_t slot) {
    if (slot < 2 * steps) return static_cast<double>(slot);
    const std::size_t shift = (slot >> step_bits) - 1;
    const auto low = static_cast<double>(((slot & (steps - 1)) + steps) << shift);
    return low + static_cast<double>(std::uint64_t{1} << shift) / 2;
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(64 << step_bits);
  std::uint64_t total_ = 0;
  std::uint64_t maximum_ = 0;
};

}  // namespace headgate::bench
