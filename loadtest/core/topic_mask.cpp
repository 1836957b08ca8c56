#include "loadtest/core/topic_mask.hpp"

#include <algorithm>

namespace headgate::loadtest::core {

mask_table::mask_table(const topic_mask& mask)
    : topics_(std::max<std::uint32_t>(1, static_cast<std::uint32_t>(mask.wanted.size()))) {
  places_.reserve(static_cast<std::size_t>(std::ranges::count(mask.wanted, true)));
  for (std::uint32_t place = 0; place < mask.wanted.size(); ++place) {
    if (mask.wanted[place]) places_.push_back(place);
  }
}

std::uint64_t mask_table::rank(std::uint64_t place) const {
  return static_cast<std::uint64_t>(std::ranges::lower_bound(places_, place) - places_.begin());
}

bool mask_table::wants(std::uint64_t sequence) const {
  return std::ranges::binary_search(places_, sequence % topics_);
}

std::uint64_t mask_table::next(std::uint64_t sequence) const {
  if (places_.empty()) return ~std::uint64_t{0};
  const std::uint64_t place = sequence % topics_;
  const std::uint64_t at = rank(place);
  if (at < places_.size()) return sequence + (places_[at] - place);
  return sequence + (topics_ - place) + places_.front();
}

std::uint64_t mask_table::count_below(std::uint64_t sequence) const {
  return sequence / topics_ * places_.size() + rank(sequence % topics_);
}

std::uint64_t mask_table::count(std::uint64_t from, std::uint64_t to) const {
  return from < to ? count_below(to) - count_below(from) : 0;
}

}  // namespace headgate::loadtest::core
