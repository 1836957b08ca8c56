#include "loadtest/core/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace headgate::loadtest::core {

std::uint64_t histogram::middle_of(std::size_t slot) {
  if (slot < 2 * steps_a_power) return slot;
  const std::size_t shift = (slot >> step_bits) - 1;
  const std::uint64_t low = static_cast<std::uint64_t>((slot & (steps_a_power - 1)) + steps_a_power) << shift;
  return low + (std::uint64_t{1} << shift) / 2;
}

std::uint64_t histogram::percentile_ns(double share) const {
  if (total_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
  const std::uint64_t wanted = std::clamp<std::uint64_t>(rank, 1, total_);
  std::uint64_t passed = 0;
  for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
    passed += counts_[slot];
    if (passed >= wanted) return std::min(middle_of(slot), maximum_);
  }
  return maximum_;
}

std::vector<histogram::step> histogram::steps() const {
  std::vector<step> found;
  for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
    if (counts_[slot] != 0) found.push_back({std::min(middle_of(slot), maximum_), counts_[slot]});
  }
  return found;
}

}  // namespace headgate::loadtest::core
