#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/assert.hpp"
#include "base/prefetch.hpp"

namespace headgate::base {

// An index from 64-bit hashes to 32-bit numbers of entries that stand elsewhere; the caller compares the entry itself,
// so equal hashes do no harm. One thread. It is split by hash into 64 parts, so that growing never copies more than a
// 64th of it at once; eight bytes a slot; open addressing with linear probing, so that a look-up is one cache line,
// which prefetch() can fetch ahead. Invariants: 1. a part is at most 3/4 full; 2. no free slot stands between an entry
// and the slot its hash asks for.
class hash_index {
 public:
  static constexpr std::uint32_t none = 0xffff'ffff;

  void prefetch(std::uint64_t hash) const {
    const auto& part = part_of(hash);
    if (part.slots) base::prefetch(&part.slots[tag_of(hash) & part.mask]);
  }

  // The first entry whose tag agrees: probably the one looked for. To fetch that entry ahead.
  std::uint32_t candidate(std::uint64_t hash) const {
    return find(hash, [](std::uint32_t) { return true; });
  }

  // The number for which `is_it(number)` is true, or none.
  template <class Predicate>
  std::uint32_t find(std::uint64_t hash, Predicate is_it) const {
    const auto& part = part_of(hash);
    if (!part.slots) return none;
    const auto tag = tag_of(hash);
    for (auto at = tag & part.mask;; at = (at + 1) & part.mask) {
      const auto& slot = part.slots[at];
      if (slot.number == none) return none;
      if (slot.tag == tag && is_it(slot.number)) return slot.number;
    }
  }

  // `number` must not be in the index under this hash.
  void insert(std::uint64_t hash, std::uint32_t number) {
    HEADGATE_ASSERT(number != none);
    auto& part = part_of(hash);
    if (!part.slots || (part.used + 1) * 4 > (part.mask + 1) * 3) grow(part);
    place(part, {tag_of(hash), number});
    ++part.used;
    ++size_;
  }

  void erase(std::uint64_t hash, std::uint32_t number) {
    auto& part = part_of(hash);
    HEADGATE_ASSERT(part.slots);
    const auto tag = tag_of(hash);
    auto at = tag & part.mask;
    while (part.slots[at].tag != tag || part.slots[at].number != number) {
      HEADGATE_ASSERT(part.slots[at].number != none);
      at = (at + 1) & part.mask;
    }
    close_gap(part, at);
    --part.used;
    --size_;
  }

  std::size_t size() const { return size_; }
  // Bytes of the slots.
  std::size_t memory() const {
    std::size_t bytes = 0;
    for (const auto& part : parts_) bytes += part.slots ? (part.mask + 1) * sizeof(slot_type) : 0;
    return bytes;
  }

 private:
  struct slot_type {
    std::uint32_t tag = 0;
    std::uint32_t number = none;
  };
  struct part_type {
    std::unique_ptr<slot_type[]> slots;
    std::uint32_t mask = 0;
    std::uint32_t used = 0;
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }
  part_type& part_of(std::uint64_t hash) { return parts_[hash >> 58]; }
  const part_type& part_of(std::uint64_t hash) const { return parts_[hash >> 58]; }

  static void place(part_type& part, slot_type slot) {
    auto at = slot.tag & part.mask;
    while (part.slots[at].number != none) at = (at + 1) & part.mask;
    part.slots[at] = slot;
  }

  static void grow(part_type& part) {
    part_type larger;
    const std::uint32_t capacity = part.slots ? (part.mask + 1) * 2 : 8;
    larger.slots = std::make_unique<slot_type[]>(capacity);
    larger.mask = capacity - 1;
    larger.used = part.used;
    for (std::uint32_t at = 0; part.slots && at <= part.mask; ++at) {
      if (part.slots[at].number != none) place(larger, part.slots[at]);
    }
    part = std::move(larger);
  }

  // Moves later entries back over the gap, so that no search ends at it too early.
  static void close_gap(part_type& part, std::uint32_t gap) {
    for (auto at = (gap + 1) & part.mask;; at = (at + 1) & part.mask) {
      auto& slot = part.slots[at];
      if (slot.number == none) break;
      const auto home = slot.tag & part.mask;
      if (((at - home) & part.mask) >= ((at - gap) & part.mask)) {
        part.slots[gap] = slot;
        gap = at;
      }
    }
    part.slots[gap] = {};
  }

  std::array<part_type, 64> parts_;
  std::size_t size_ = 0;
};

}  // namespace headgate::base
