#include "config/field.hpp"
#include "config/sections.hpp"

namespace headgate::config {

section clusters_section() {
  using shard_router::cluster;
  return item_section<cluster>(
      "clusters", "Among which topics are divided.", {"cluster", "main", shard_router::max_clusters, {}, {}, {}},
      {&settings::clusters, &settings::clusters_are_default},
      {
          number("shards", &cluster::shards, {1, shard_router::max_shards}, changes::at_restart,
                 "Logs among which the cluster divides its topics"),
          number("weight", &cluster::weight, {1, shard_router::max_weight}, changes::at_restart,
                 "The cluster's part of all topics, beside the weights of the others"),
      });
}

}  // namespace headgate::config
