#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/compact_string.hpp"
#include "base/hash_index.hpp"
#include "base/limits.hpp"
#include "base/one_or_many.hpp"
#include "base/prefetch.hpp"
#include "base/ring_queue.hpp"
#include "base/slab.hpp"
#include "mqtt/types.hpp"

namespace headgate::proxy::gateway {

// The start of a subscription that the shard has not answered yet: above every offset.
inline constexpr std::uint64_t unanswered = ~std::uint64_t{0};

// One session's part in a filter.
struct subscriber {
  std::uint32_t session = 0;
  mqtt::qos maximum_qos{};
  bool no_local = false;
  std::uint64_t start = unanswered;  // the first offset it is to get
};
static_assert(sizeof(subscriber) == 16);

// One distinct filter of this worker's clients and who holds it: one cache line.
struct alignas(64) filter_entry {
  base::compact_string text;
  std::uint64_t hash = 0;
  base::one_or_many<subscriber> subscribers;
  std::uint32_t unconfirmed = 0;  // shards that still have to forget it
};
static_assert(sizeof(filter_entry) == base::filter_bytes);

// The worker's filters by number (what shards send back) and by text. A number is free again only after the shards
// confirmed that they forgot it; the one that is free the longest is used first. One thread.
class filter_table {
 public:
  static constexpr std::uint32_t none = base::hash_index::none;

  filter_entry& operator[](std::uint32_t id) { return entries_[id]; }
  void prefetch(std::uint32_t id) const { base::prefetch(&entries_[id]); }

  std::uint32_t find(std::string_view text);
  std::uint32_t insert(std::string_view text);
  // Nobody holds it: it is no longer found by its text. Its number and text stay until release().
  void hide(std::uint32_t id);
  void release(std::uint32_t id);

  std::size_t size() const { return index_.size(); }

 private:
  base::hash_index index_;
  base::slab<filter_entry> entries_;
  base::ring_queue<std::uint32_t> free_;
};

}  // namespace headgate::proxy::gateway
