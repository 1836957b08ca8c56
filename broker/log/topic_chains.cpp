#include "broker/log/topic_chains.hpp"

#include <utility>

#include "base/prefetch.hpp"

namespace headgate::broker::log {

namespace {

// Fewer than these are in the processor's caches anyway.
constexpr std::size_t cached_topics = 4096;

}  // namespace

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

void topic_chains::prefetch(std::span<const std::uint64_t> hashes) const {
  if (topics() <= cached_topics) return;
  for (const auto hash : hashes) index_.prefetch(hash);
  for (const auto hash : hashes) {
    const auto number = index_.candidate(hash);
    if (number != base::hash_index::none) base::prefetch(&ends_[number]);
  }
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
