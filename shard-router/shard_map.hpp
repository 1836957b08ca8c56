#pragma once

#include <array>

#include "base/ids.hpp"
#include "shard-router/slot.hpp"

namespace headgate::shard_router {

// Which shard owns a slot. Immutable while a turn uses it. Here every slot belongs to the one shard there is.
class shard_map {
 public:
  base::shard_id shard_of(slot slot) const { return shards_[slot.value]; }

 private:
  std::array<base::shard_id, slot_count> shards_{};
};

}  // namespace headgate::shard_router
