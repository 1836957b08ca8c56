#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"

namespace headgate::proxy::gateway {

// The logs behind the shards of a process: offsets that outlive it stand beside the id of their log, whatever number
// the shard has by then. Entered while the workers are made, one after the other; read only from then on.
class log_ids {
 public:
  void enter(base::shard_id shard, std::uint32_t id) {
    if (ids_.size() <= shard.value) ids_.resize(shard.value + 1U);
    ids_[shard.value] = id;
    shards_[id] = shard.value;
  }
  std::uint32_t of(std::uint16_t shard) const { return ids_[shard]; }
  // Nothing for a log that is not there any more.
  std::optional<std::uint16_t> shard_of(std::uint32_t id) const {
    const auto found = shards_.find(id);
    return found == shards_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::vector<std::uint32_t> ids_;  // by shard
  std::unordered_map<std::uint32_t, std::uint16_t> shards_;
};

}  // namespace headgate::proxy::gateway
