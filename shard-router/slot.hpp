#pragma once

#include <cstdint>

#include "base/strong.hpp"

namespace headgate::shard_router {

// One of 16,384 parts of all topics, fixed for life.
using slot = base::strong<struct slot_tag, std::uint16_t>;
inline constexpr std::uint16_t slot_count = 16'384;

// `routing_key_hash`: base::hash_of() the routing key (routing_key.hpp).
inline slot slot_of(std::uint64_t routing_key_hash) {
  return slot{static_cast<std::uint16_t>(routing_key_hash % slot_count)};
}

// Which of a cluster's `shards` (1 or more) has a slot of the cluster: fixed for life, the same in every cluster. The
// slots are put in another order (times an odd number, modulo their count, which takes each place once) and cut into
// equal pieces: a cluster that owns all slots has the same number of them in each shard, ±1; of some slots, which the
// hash in move_slots.hpp chose, each shard has its part as by lot. Not slot % shards: the topics of a shard would agree
// in the low bits of their hashes, by which tables find them.
inline std::uint16_t shard_in_cluster(slot slot, std::uint32_t shards) {
  const std::uint32_t place = slot.value * 40'503U % slot_count;
  return static_cast<std::uint16_t>(place * shards / slot_count);
}

}  // namespace headgate::shard_router
