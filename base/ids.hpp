#pragma once

#include <cstdint>

#include "base/strong.hpp"

namespace headgate::base {

// A client of one worker: its place in the worker's tables, and which of the clients that had this place it is.
struct client_ref {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
  friend bool operator==(client_ref, client_ref) = default;
};

// One worker of the process, numbered from 0.
using worker_id = strong<struct worker_id_tag, std::uint16_t>;
// One shard of the process, numbered from 0.
using shard_id = strong<struct shard_id_tag, std::uint16_t>;

}  // namespace headgate::base
