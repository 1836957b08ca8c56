#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.hpp"
#include "shard-router/cluster.hpp"
#include "shard-router/errc.hpp"
#include "shard-router/slot.hpp"

namespace headgate::shard_router {

// By slot: the owner's place in shard_map::clusters().
using owner_table = std::array<std::uint8_t, slot_count>;

// Which cluster and shard own a slot: slot → cluster → shard, with a version. A value (48 KB) that never changes; it is
// exchanged for another (changes.hpp). Any thread may read it. Invariants: 1. clusters stand in the order of the bytes
// of their names, each name once; 2. each slot has one owner, which is one of them; 3. shards are numbered from 0
// without a gap, cluster by cluster in that order, so that a cluster added or removed gives shards of others new
// numbers.
class shard_map {
 public:
  // All slots at the only shard of a cluster `main` of weight 1. Version 0: nobody stored it.
  shard_map() = default;

  // A map as it was stored. errc::no_cluster, too_many_clusters, what is wrong with a cluster, or table_invalid.
  static result<shard_map> assemble(std::uint64_t version, std::vector<cluster> clusters, const owner_table& owners);

  // The hot path: one array read.
  base::shard_id shard_of(slot slot) const { return shards_[slot.value]; }
  const cluster& cluster_of(slot slot) const { return clusters_[owners_[slot.value]]; }

  // Grows by one with each change.
  std::uint64_t version() const { return version_; }
  std::span<const cluster> clusters() const { return clusters_; }
  const owner_table& owners() const { return owners_; }
  // Of all clusters: shard ids are below it.
  std::uint16_t shard_count() const { return first_shard_of(clusters_.size()); }
  // The first shard of a cluster by its place in clusters(); the others follow it.
  std::uint16_t first_shard_of(std::size_t cluster) const;

  friend bool operator==(const shard_map&, const shard_map&) = default;

 private:
  std::uint64_t version_ = 0;
  std::vector<cluster> clusters_{cluster{"main"}};
  owner_table owners_{};
  std::array<base::shard_id, slot_count> shards_{};
};

}  // namespace headgate::shard_router
