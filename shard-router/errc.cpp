#include "shard-router/errc.hpp"

namespace headgate::shard_router {

std::string_view explain(errc error) {
  switch (error) {
      // clang-format off
    case errc::no_cluster: return "there has to be at least one cluster";
    case errc::too_many_clusters: return "there can be 64 clusters at most";
    case errc::cluster_name_invalid: return "a cluster's name is of 1 to 32 letters, digits, '-' and '_'";
    case errc::cluster_name_taken: return "there is a cluster of that name already";
    case errc::cluster_unknown: return "there is no cluster of that name";
    case errc::weight_out_of_range: return "a cluster's weight is from 1 to 1000";
    case errc::shards_out_of_range: return "a cluster has from 1 to 64 shards";
    case errc::table_invalid: return "the table of slots does not fit the clusters";
    case errc::version_conflict: return "the shard map was changed by somebody else in the meantime";
    case errc::config_unavailable: return "the store of the shard map does not answer";
      // clang-format on
  }
  return "unknown error";
}

}  // namespace headgate::shard_router
