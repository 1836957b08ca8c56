#include "broker/log/topic_chains.hpp"

#include <utility>

namespace headgate::broker::log {

std::uint32_t topic_chains::find(std::uint64_t hash) const {
  return index_.find(hash, [&](std::uint32_t number) { return ends_[number].hash == hash; });
}

std::uint32_t topic_chains::add(std::uint64_t hash, std::uint32_t position) {
  auto number = find(hash);
  if (number == base::hash_index::none) {
    number = ends_.acquire();
    ends_[number] = {hash, none};
    index_.insert(hash, number);
  }
  const auto before = std::exchange(ends_[number].position, position);
  added_.push_back({number, before});
  return before;
}

std::uint32_t topic_chains::last(std::uint64_t hash) const {
  const auto number = find(hash);
  return number == base::hash_index::none ? none : ends_[number].position;
}

void topic_chains::take_back() {
  while (!added_.empty()) {
    ends_[added_.back().number].position = added_.back().position_before;
    added_.pop_back();
  }
}

}  // namespace headgate::broker::log
