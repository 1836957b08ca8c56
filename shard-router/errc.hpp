#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace headgate::shard_router {

// Why a shard map can't be made, changed or stored.
enum class errc : std::uint8_t {
  no_cluster,            // a map has at least one, so the last one can't be removed
  too_many_clusters,     // over max_clusters
  cluster_name_invalid,  // see is_valid_cluster_name()
  cluster_name_taken,
  cluster_unknown,
  weight_out_of_range,  // 1..max_weight
  shards_out_of_range,  // 1..max_shards
  table_invalid,        // clusters not in the order of their names, or a slot whose owner is none of them
  // cluster_config
  version_conflict,    // somebody else changed the map first: get it and change that one
  config_unavailable,  // the store did not answer; whether it took a change is unknown until the next get()
};

template <class T>
using result = base::result<T, errc>;

// One clause for a log line or an operator: "there is no cluster of that name".
std::string_view explain(errc error);

}  // namespace headgate::shard_router
