#include "shard-router/cluster.hpp"

#include <algorithm>

namespace headgate::shard_router {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

bool is_valid_cluster_name(std::string_view name) {
  return !name.empty() && name.size() <= max_cluster_name_size && std::ranges::all_of(name, is_name_character);
}

std::optional<errc> find_cluster_error(const cluster& cluster) {
  if (!is_valid_cluster_name(cluster.name)) return errc::cluster_name_invalid;
  if (cluster.weight < 1 || cluster.weight > max_weight) return errc::weight_out_of_range;
  if (cluster.shards < 1 || cluster.shards > max_shards) return errc::shards_out_of_range;
  return std::nullopt;
}

}  // namespace headgate::shard_router
