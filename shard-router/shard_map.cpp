#include "shard-router/shard_map.hpp"

#include <algorithm>
#include <utility>

namespace headgate::shard_router {
namespace {

std::optional<errc> find_error(std::span<const cluster> clusters, const owner_table& owners) {
  if (clusters.empty()) return errc::no_cluster;
  if (clusters.size() > max_clusters) return errc::too_many_clusters;
  for (const cluster& cluster : clusters) {
    if (const auto error = find_cluster_error(cluster)) return error;
  }
  const auto out_of_order = [](const cluster& a, const cluster& b) { return a.name >= b.name; };
  if (std::ranges::adjacent_find(clusters, out_of_order) != clusters.end()) return errc::table_invalid;
  if (std::ranges::max(owners) >= clusters.size()) return errc::table_invalid;
  return std::nullopt;
}

}  // namespace

result<shard_map> shard_map::assemble(std::uint64_t version, std::vector<cluster> clusters, const owner_table& owners) {
  if (const auto error = find_error(clusters, owners)) return *error;
  shard_map map;
  map.version_ = version;
  map.clusters_ = std::move(clusters);
  map.owners_ = owners;
  std::vector<std::uint16_t> first_shards;
  for (std::size_t i = 0; i < map.clusters_.size(); ++i) first_shards.push_back(map.first_shard_of(i));
  for (std::uint16_t i = 0; i < slot_count; ++i) {
    const std::uint32_t inside = shard_in_cluster(slot{i}, map.cluster_of(slot{i}).shards);
    map.shards_[i] = base::shard_id{static_cast<std::uint16_t>(first_shards[owners[i]] + inside)};
  }
  return map;
}

std::uint16_t shard_map::first_shard_of(std::size_t cluster) const {
  std::uint32_t first = 0;
  for (std::size_t i = 0; i < cluster; ++i) first += clusters_[i].shards;
  return static_cast<std::uint16_t>(first);
}

}  // namespace headgate::shard_router
