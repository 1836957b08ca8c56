#pragma once

#include <string>
#include <vector>

namespace headgate::cli {

// The directory of a shard's log.
struct log_place {
  std::string name;  // "CLUSTER/N"
  std::string path;
};

// The logs at or below `path`, by name: of a data_dir, of its directory `log`, of one cluster in that, or of one shard.
// Throws with a sentence when nothing can be looked into or there is none.
std::vector<log_place> find_logs(const std::string& path);

}  // namespace headgate::cli
