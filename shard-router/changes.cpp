#include "shard-router/changes.hpp"

#include <algorithm>
#include <utility>

#include "shard-router/move_slots.hpp"
#include "shard-router/shares.hpp"

namespace headgate::shard_router {
namespace {

// Moves slots to where the weights of `clusters` want them after that of `changed` became what it is; 0: it goes.
void rebalance(std::span<const cluster> clusters, owner_table& owners, std::size_t changed, direction direction) {
  const auto owned = count_slots(owners, clusters.size());
  std::vector<share> shares;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    shares.push_back({clusters[i].weight, owned[i]});
    names.emplace_back(clusters[i].name);
  }
  move_slots(owners, names, shares_after(shares, changed, direction));
}

std::vector<cluster> copy_of_clusters(const shard_map& map) {
  return {map.clusters().begin(), map.clusters().end()};
}

std::size_t find(std::span<const cluster> clusters, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(clusters, name, &cluster::name) - clusters.begin());
}

}  // namespace

result<shard_map> make_shard_map(std::vector<cluster> clusters) {
  if (clusters.empty()) return errc::no_cluster;
  if (clusters.size() > max_clusters) return errc::too_many_clusters;
  for (const cluster& cluster : clusters) {
    if (const auto error = find_cluster_error(cluster)) return *error;
  }
  std::ranges::sort(clusters, {}, &cluster::name);
  if (std::ranges::adjacent_find(clusters, {}, &cluster::name) != clusters.end()) return errc::cluster_name_taken;

  // Before the first map a cluster that is to own nothing has all slots, and now it goes.
  const auto nobody = clusters.size();
  clusters.push_back({"", 0, 0});
  owner_table owners;
  owners.fill(static_cast<std::uint8_t>(nobody));
  rebalance(clusters, owners, nobody, direction::gives);
  clusters.pop_back();
  return shard_map::assemble(1, std::move(clusters), owners);
}

result<shard_map> add_cluster(const shard_map& map, const cluster& added) {
  if (const auto error = find_cluster_error(added)) return *error;
  if (map.clusters().size() == max_clusters) return errc::too_many_clusters;
  auto clusters = copy_of_clusters(map);
  const auto next = std::ranges::lower_bound(clusters, added.name, {}, &cluster::name);
  if (next != clusters.end() && next->name == added.name) return errc::cluster_name_taken;
  const auto at = static_cast<std::size_t>(next - clusters.begin());
  clusters.insert(next, added);
  auto owners = map.owners();
  for (auto& owner : owners) owner = static_cast<std::uint8_t>(owner + (owner >= at ? 1 : 0));
  rebalance(clusters, owners, at, direction::receives);
  return shard_map::assemble(map.version() + 1, std::move(clusters), owners);
}

result<shard_map> remove_cluster(const shard_map& map, std::string_view name) {
  auto clusters = copy_of_clusters(map);
  const auto at = find(clusters, name);
  if (at == clusters.size()) return errc::cluster_unknown;
  if (clusters.size() == 1) return errc::no_cluster;
  clusters[at].weight = 0;
  auto owners = map.owners();
  rebalance(clusters, owners, at, direction::gives);
  clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(at));
  for (auto& owner : owners) owner = static_cast<std::uint8_t>(owner - (owner > at ? 1 : 0));
  return shard_map::assemble(map.version() + 1, std::move(clusters), owners);
}

result<shard_map> change_weight(const shard_map& map, std::string_view name, std::uint32_t weight) {
  auto clusters = copy_of_clusters(map);
  const auto at = find(clusters, name);
  if (at == clusters.size()) return errc::cluster_unknown;
  if (weight < 1 || weight > max_weight) return errc::weight_out_of_range;
  if (clusters[at].weight == weight) return map;
  const auto direction = weight > clusters[at].weight ? direction::receives : direction::gives;
  clusters[at].weight = weight;
  auto owners = map.owners();
  rebalance(clusters, owners, at, direction);
  return shard_map::assemble(map.version() + 1, std::move(clusters), owners);
}

}  // namespace headgate::shard_router
