#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace headgate::session_store {

// Numbers of entries by the time at which something is due there, the earliest first; an entry can be taken out from
// the middle, so that nothing stale is ever kept: a binary heap in which each entry knows its place. `PlaceOf` is
// called with a number and gives a reference to where that entry keeps its place: `nowhere` while it is not in the
// heap. 16 bytes an entry. One thread.
template <class PlaceOf>
class due_heap {
 public:
  static constexpr std::uint32_t nowhere = 0xffff'ffff;
  struct item {
    std::uint64_t at_ms = 0;
    std::uint32_t number = 0;
  };
  static_assert(sizeof(item) == base::due_time_bytes);

  explicit due_heap(PlaceOf place_of) : place_of_(std::move(place_of)) {}

  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  const item& first() const { return items_.front(); }

  // `number` must not be in the heap.
  void insert(std::uint64_t at_ms, std::uint32_t number) {
    HEADGATE_ASSERT(place_of_(number) == nowhere);
    items_.push_back({at_ms, number});
    rise(items_.size() - 1);
  }
  // Without effect if `number` is not in the heap.
  void erase(std::uint32_t number) {
    const std::size_t place = place_of_(number);
    if (place == nowhere) return;
    HEADGATE_ASSERT(place < items_.size() && items_[place].number == number);
    place_of_(number) = nowhere;
    const auto last = items_.back();
    items_.pop_back();
    if (place == items_.size()) return;
    items_[place] = last;
    rise(place);
    sink(place_of_(last.number));
  }

 private:
  void put(std::size_t place, item moved) {
    items_[place] = moved;
    place_of_(moved.number) = static_cast<std::uint32_t>(place);
  }
  void rise(std::size_t place) {
    const auto moved = items_[place];
    for (; place > 0; place = (place - 1) / 2) {
      const auto& parent = items_[(place - 1) / 2];
      if (parent.at_ms <= moved.at_ms) break;
      put(place, parent);
    }
    put(place, moved);
  }
  void sink(std::size_t place) {
    const auto moved = items_[place];
    for (std::size_t child = place * 2 + 1; child < items_.size(); child = place * 2 + 1) {
      if (child + 1 < items_.size() && items_[child + 1].at_ms < items_[child].at_ms) ++child;
      if (items_[child].at_ms >= moved.at_ms) break;
      put(place, items_[child]);
      place = child;
    }
    put(place, moved);
  }

  PlaceOf place_of_;
  std::vector<item> items_;
};

}  // namespace headgate::session_store
