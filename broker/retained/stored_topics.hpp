#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/keyed_hash.hpp"

namespace headgate::broker::retained {

// Which topics have a retained message, as 64 bits of a keyed hash each: who is not in it has none, which spares most
// new subscriptions a question to the store; and how many there are by their first level, for filters with wildcards.
//
// Two topics of one hash would be taken for one another: at a million of them, a new one in twenty million million.
//
// Eight bytes a slot, at most 3/4 of which are taken: 10.7 to 21.3 bytes a topic, and 64 KB for the first levels. Split
// into 64 parts, so that growing never copies more than a 64th at once; open addressing. One thread at a time.
// Invariants: 1. a part is at most 3/4 full; 2. no free slot stands between a hash and the slot that it asks for; 3.
// the counts are those of the topics that are in it.
class stored_topics {
 public:
  explicit stored_topics(const base::keyed_hash& hash) : hash_(&hash) {}

  bool contains(std::string_view topic) const;
  // Whether it was not in it.
  bool insert(std::string_view topic);
  // Whether it was in it.
  bool erase(std::string_view topic);
  std::size_t size() const { return size_; }

  // Whether no topic in it can match the filter, for certain; of filters with wildcards by their first level alone.
  bool surely_none(std::string_view filter) const;

  // 0 is no hash.
  std::uint64_t hash_of(std::string_view topic) const;
  // Bytes of the slots and counts.
  std::size_t memory() const;

 private:
  static constexpr std::uint64_t free_slot = 0;
  static constexpr std::size_t first_levels = 16 * 1024;
  struct part_type {
    std::unique_ptr<std::uint64_t[]> slots;
    std::uint64_t mask = 0;
    std::uint64_t used = 0;
  };

  std::size_t first_level_of(std::string_view text) const;
  void count(std::string_view topic, int difference);
  static std::uint64_t place_of(const part_type& part, std::uint64_t hash);
  static void grow(part_type& part);
  static void close_gap(part_type& part, std::uint64_t gap);

  const base::keyed_hash* hash_;
  std::array<part_type, 64> parts_;
  std::unique_ptr<std::uint32_t[]> below_ = std::make_unique<std::uint32_t[]>(first_levels);
  std::size_t size_ = 0;
  std::size_t without_dollar_ = 0;
};

}  // namespace headgate::broker::retained
