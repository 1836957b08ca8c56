#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "shard-router/errc.hpp"

namespace headgate::shard_router {

// A change of weight compares each slot with each cluster: 64 keep that to a million pairs.
inline constexpr std::size_t max_clusters = 64;
inline constexpr std::uint32_t max_weight = 1'000;
// With 64 clusters of 64 shards a base::shard_id of 16 bits numbers them all.
inline constexpr std::uint32_t max_shards = 64;
inline constexpr std::size_t max_cluster_name_size = 32;

// A named set of brokers that owns some of the slots.
struct cluster {
  std::string name{};        // for life: the slots that it is given follow from it
  std::uint32_t weight = 1;  // its part of all slots is weight ÷ sum of all weights; 1..max_weight
  std::uint32_t shards = 1;  // for life: a slot's shard inside the cluster follows from it; 1..max_shards
  friend bool operator==(const cluster&, const cluster&) = default;
};

// 1 to 32 ASCII letters, digits, '-' and '_'.
bool is_valid_cluster_name(std::string_view name);

// What is wrong with one cluster, or nothing.
std::optional<errc> find_cluster_error(const cluster& cluster);

}  // namespace headgate::shard_router
