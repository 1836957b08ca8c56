#include "broker/shard/topic_table.hpp"

#include "base/hash.hpp"

namespace headgate::broker::shard {

topic_entry* topic_table::find(std::uint64_t hash, std::string_view topic) {
  const auto number = index_.find(hash, [&](std::uint32_t candidate) {
    const auto& entry = entries_[candidate];
    return entry.hash == hash && entry.topic.view() == topic;
  });
  if (number == base::hash_index::none) return nullptr;
  auto& entry = entries_[number];
  if (!entry.touched) entry.touched = true;
  return &entry;
}

const topic_entry* topic_table::peek(std::string_view topic) const {
  const auto hash = base::hash_of(topic);
  const auto number = index_.find(hash, [&](std::uint32_t candidate) {
    const auto& entry = entries_[candidate];
    return entry.hash == hash && entry.topic.view() == topic;
  });
  return number == base::hash_index::none ? nullptr : &entries_[number];
}

topic_entry& topic_table::find_or_insert(std::uint64_t hash, std::string_view topic) {
  if (auto* entry = find(hash, topic)) return *entry;
  if (unrouted_ >= max_unrouted_) sweep();
  const auto number = entries_.acquire();
  auto& entry = entries_[number];
  entry.hash = hash;
  entry.wildcard_version = 0;
  entry.wildcard_bucket = wildcard_tree::bucket_of(topic);
  entry.in_use = true;
  entry.touched = true;
  entry.topic = base::compact_string(topic);
  index_.insert(hash, number);
  ++unrouted_;
  return entry;
}

bool topic_table::insert_route(std::string_view topic, route route) {
  auto& entry = find_or_insert(base::hash_of(topic), topic);
  const bool was_unrouted = entry.literal.empty();
  const bool inserted = entry.literal.insert(route);
  if (was_unrouted) --unrouted_;
  return inserted;
}

bool topic_table::erase_route(std::string_view topic, route route) {
  const auto hash = base::hash_of(topic);
  auto* entry = find(hash, topic);
  if (entry == nullptr || !entry->literal.erase(route)) return false;
  if (!entry->literal.empty()) return true;
  ++unrouted_;
  if (entry->wildcards) return true;
  // Nothing is cached in it: it goes at once.
  erase(index_.find(hash, [&](std::uint32_t candidate) { return &entries_[candidate] == entry; }));
  return true;
}

void topic_table::erase(std::uint32_t number) {
  auto& entry = entries_[number];
  index_.erase(entry.hash, number);
  entry.wildcards.reset();
  entry.topic = {};
  entry.in_use = false;
  entries_.release(number);
  --unrouted_;
}

// A clock hand: an entry looked up since the hand passed is spared once. A few steps an insertion keep the number near
// its bound without ever stopping for long.
void topic_table::sweep() {
  for (int step = 0; step < 16 && unrouted_ >= max_unrouted_; ++step) {
    if (hand_ >= entries_.size()) hand_ = 0;
    auto& entry = entries_[hand_];
    if (entry.in_use && entry.literal.empty()) {
      if (entry.touched) {
        entry.touched = false;
      } else {
        erase(hand_);
      }
    }
    ++hand_;
  }
}

}  // namespace headgate::broker::shard
