#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/compact_string.hpp"
#include "base/hash_index.hpp"
#include "base/limits.hpp"
#include "base/prefetch.hpp"
#include "base/slab.hpp"
#include "broker/shard/route.hpp"
#include "broker/shard/wildcard_tree.hpp"

namespace headgate::broker::shard {

// What a shard knows of one topic: one cache line, so that a look-up costs two (the index slot and this).
struct alignas(64) topic_entry {
  std::uint64_t hash = 0;
  std::uint32_t wildcard_version = 0;  // of the tree when `wildcards` was filled; 0: never
  std::uint8_t wildcard_bucket = 0;
  bool in_use = false;
  bool touched = false;  // looked up since the sweep passed
  route_set literal;
  std::unique_ptr<std::vector<route>> wildcards;  // null: none match
  base::compact_string topic;
};
static_assert(sizeof(topic_entry) == base::topic_entry_bytes);

// The topics of one shard. An entry stays while a literal route hangs on it; without one it only keeps the result of
// the wildcard filters, and goes when there are too many of those. One thread.
class topic_table {
 public:
  // `max_unrouted`: entries kept without a literal route.
  explicit topic_table(std::uint32_t max_unrouted) : max_unrouted_(max_unrouted) {}

  void prefetch_slot(std::uint64_t hash) const { index_.prefetch(hash); }
  void prefetch_entry(std::uint64_t hash) const {
    const auto number = index_.candidate(hash);
    if (number != base::hash_index::none) base::prefetch(&entries_[number]);
  }
  // Null when the topic is unknown.
  topic_entry* find(std::uint64_t hash, std::string_view topic);
  // The same for those who only look: the sweep does not spare the entry for it.
  const topic_entry* peek(std::string_view topic) const;
  topic_entry& find_or_insert(std::uint64_t hash, std::string_view topic);

  // False if it is there already, or not there.
  bool insert_route(std::string_view topic, route route);
  bool erase_route(std::string_view topic, route route);

  std::size_t size() const { return index_.size(); }
  // To look at all of them, a few at a time: places are below places(), and null is at those not in use.
  std::uint32_t places() const { return entries_.size(); }
  const topic_entry* at(std::uint32_t place) const { return entries_[place].in_use ? &entries_[place] : nullptr; }

 private:
  void erase(std::uint32_t number);
  void sweep();

  base::hash_index index_;
  base::slab<topic_entry> entries_;
  std::uint32_t max_unrouted_;
  std::uint32_t unrouted_ = 0;
  std::uint32_t hand_ = 0;  // where the sweep goes on
};

}  // namespace headgate::broker::shard
