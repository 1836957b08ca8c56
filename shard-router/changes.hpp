#pragma once

#include <string_view>
#include <vector>

#include "shard-router/shard_map.hpp"

namespace headgate::shard_router {

// Maps are changed, not recomputed: as few slots move as the shares ask for (shares.hpp: each cluster has its weighted
// share ±1 slot, and where that can't be reached), those with the highest rendezvous score (move_slots.hpp). All is
// integer arithmetic: the same input gives the same map on every machine. A map depends on the order of the changes
// that led to it, so it is stored, never derived from the clusters anew. A cluster whose share is less than a slot may
// own none. Pure; for rare moments: at worst a million pairs are sorted.

// A first map, of version 1; the order of `clusters` does not matter. errc::no_cluster, too_many_clusters,
// cluster_name_taken, or what is wrong with a cluster (find_cluster_error).
result<shard_map> make_shard_map(std::vector<cluster> clusters);

// The next version with one more cluster, which alone receives slots: its share, from each of the others in proportion.
// Errors as above.
result<shard_map> add_cluster(const shard_map& map, const cluster& added);

// The next version without a cluster, whose slots alone move: to the others in proportion. errc::cluster_unknown, or
// no_cluster if it is the last.
result<shard_map> remove_cluster(const shard_map& map, std::string_view name);

// The next version with another weight of a cluster, which alone receives (more weight) or alone gives (less). The
// weight that it has already: the map as it is, of the same version. errc::cluster_unknown, weight_out_of_range.
result<shard_map> change_weight(const shard_map& map, std::string_view name, std::uint32_t weight);

}  // namespace headgate::shard_router
