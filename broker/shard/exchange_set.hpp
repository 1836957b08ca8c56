#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "broker/record/layout.hpp"

namespace headgate::broker::shard {

// The QoS 2 messages and wills of the log that may come again, with their offsets. A publisher that has finished
// with one says so; one that never does is forgotten with the message, when the log drops it. One thread.
class exchange_set {
 public:
  using exchange = record::exchange;
  using offset = record::offset;

  // False: it is known already.
  bool insert(const exchange& added, offset place) { return places_.try_emplace(added, place).second; }
  void erase(const exchange& finished) { places_.erase(finished); }
  // Only if it is the one at this place.
  void erase_at(const exchange& refused, offset place) {
    const auto found = places_.find(refused);
    if (found != places_.end() && found->second == place) places_.erase(found);
  }
  void clear() { places_.clear(); }
  std::size_t size() const { return places_.size(); }

  // Forgets those below the start of the log, and of more than `most` the oldest half; looks at them only when there
  // are twice as many as the last time. Returns how many it forgot for want of room.
  std::size_t forget_below(offset start, std::size_t most) {
    if (places_.size() < std::min(look_at_, most + 1)) return 0;
    std::erase_if(places_, [&](const auto& one) { return one.second < start; });
    const auto before = places_.size();
    if (before > most) {
      const auto middle = middle_place();
      std::erase_if(places_, [&](const auto& one) { return one.second < middle; });
    }
    look_at_ = std::max(least_looked_at, 2 * places_.size());
    return before - places_.size();
  }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [exchange, place] : places_) visit(exchange, place);
  }

 private:
  static constexpr std::size_t least_looked_at = 1024;

  offset middle_place() const {
    std::vector<offset> all;
    all.reserve(places_.size());
    for (const auto& [exchange, place] : places_) all.push_back(place);
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::nth_element(all.begin(), middle, all.end());
    return *middle;
  }
  struct hash {
    // The nonce is random already.
    std::size_t operator()(const exchange& key) const { return key.nonce ^ (key.number * 0x9e37'79b9'7f4a'7c15U); }
  };

  std::unordered_map<exchange, offset, hash> places_;
  std::size_t look_at_ = least_looked_at;
};

}  // namespace headgate::broker::shard
