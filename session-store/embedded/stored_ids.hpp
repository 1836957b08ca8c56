#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/assert.hpp"

namespace headgate::session_store::embedded {

// The client ids that have a stored session, as 38 bits of their hashes: who is not in it has none, which spares most
// clients the way to the disk. Ids whose bits agree stand in it once each, so that one can go and the others stay; an
// id that is taken for a stored one by mistake (a millionth of them at a million sessions) costs a look-up.
//
// Four bytes a slot, at most 3/4 of which are taken: 5.3 to 10.7 bytes a session. Split into 64 parts, so that growing
// never copies more than a 64th at once; open addressing. One thread at a time. Invariants: 1. a part is at most 3/4
// full; 2. no free slot stands between a mark and the slot that it asks for.
class stored_ids {
 public:
  bool contains(std::uint64_t hash) const {
    const auto& part = parts_[hash >> 58];
    return part.slots && part.slots[place_of(part, mark_of(hash))] != free_slot;
  }
  void insert(std::uint64_t hash) {
    auto& part = parts_[hash >> 58];
    if (!part.slots || (part.used + 1) * 4 > (part.mask + 1) * 3) grow(part);
    put(part, mark_of(hash));
    ++part.used;
    ++size_;
  }
  // One of those that were inserted under these bits; there must be one.
  void erase(std::uint64_t hash) {
    auto& part = parts_[hash >> 58];
    HEADGATE_ASSERT(part.slots);
    const auto gap = place_of(part, mark_of(hash));
    HEADGATE_ASSERT(part.slots[gap] != free_slot);
    close_gap(part, gap);
    --part.used;
    --size_;
  }
  std::size_t size() const { return size_; }
  // Bytes of the slots.
  std::size_t memory() const {
    std::size_t bytes = 0;
    for (const auto& part : parts_) bytes += part.slots ? (part.mask + 1) * sizeof(std::uint32_t) : 0;
    return bytes;
  }

 private:
  static constexpr std::uint32_t free_slot = 0;
  struct part_type {
    std::unique_ptr<std::uint32_t[]> slots;
    std::uint32_t mask = 0;
    std::uint32_t used = 0;
  };

  static std::uint32_t mark_of(std::uint64_t hash) {
    const auto mark = static_cast<std::uint32_t>(hash);
    return mark == free_slot ? 1 : mark;
  }
  // Of the mark, or of the free slot where it would stand.
  static std::uint32_t place_of(const part_type& part, std::uint32_t mark) {
    auto at = mark & part.mask;
    while (part.slots[at] != free_slot && part.slots[at] != mark) at = (at + 1) & part.mask;
    return at;
  }
  static void put(part_type& part, std::uint32_t mark) {
    auto at = mark & part.mask;
    while (part.slots[at] != free_slot) at = (at + 1) & part.mask;
    part.slots[at] = mark;
  }
  static void grow(part_type& part) {
    part_type larger;
    const std::uint32_t capacity = part.slots ? (part.mask + 1) * 2 : 8;
    larger.slots = std::make_unique<std::uint32_t[]>(capacity);
    larger.mask = capacity - 1;
    larger.used = part.used;
    for (std::uint32_t at = 0; part.slots && at <= part.mask; ++at) {
      if (part.slots[at] != free_slot) put(larger, part.slots[at]);
    }
    part = std::move(larger);
  }
  // Moves later marks back over the gap, so that no search ends at it too early.
  static void close_gap(part_type& part, std::uint32_t gap) {
    for (auto at = (gap + 1) & part.mask; part.slots[at] != free_slot; at = (at + 1) & part.mask) {
      const auto home = part.slots[at] & part.mask;
      if (((at - home) & part.mask) < ((at - gap) & part.mask)) continue;
      part.slots[gap] = part.slots[at];
      gap = at;
    }
    part.slots[gap] = free_slot;
  }

  std::array<part_type, 64> parts_;
  std::size_t size_ = 0;
};

}  // namespace headgate::session_store::embedded
