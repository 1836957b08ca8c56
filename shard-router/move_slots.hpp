#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "shard-router/shard_map.hpp"

namespace headgate::shard_router {

// The rendezvous score of a cluster for a slot: base::hash_of() the name followed by the slot in two bytes, the lower
// one first. The same on every machine. Weights have no part in it: they decide how many slots a cluster has
// (shares.hpp), and of one cluster's slots a weight in the score would not change the order.
std::uint64_t score(std::string_view name, slot slot);

// Gives slots of those that own more than they are to own to those that own less, until each owns `wanted` (slot_count
// in all). Of all pairs of a slot to give and a cluster to receive, those with the highest scores; of equal scores the
// lower slot and then the first cluster. `owners` refers to places in `names` and `wanted`.
void move_slots(owner_table& owners, std::span<const std::string_view> names, std::span<const std::uint32_t> wanted);

// How many slots each of `count` owns.
std::vector<std::uint32_t> count_slots(const owner_table& owners, std::size_t count);

}  // namespace headgate::shard_router
