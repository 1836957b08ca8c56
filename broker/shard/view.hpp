#pragma once

#include <cstdint>

namespace headgate::broker::shard {

// What a shard counts: plain numbers, copied out by its worker on request.
struct shard_view {
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  std::uint64_t topic_lookups = 0;
  std::uint64_t wildcard_matches = 0;  // cached results made anew
  std::uint64_t entries_out = 0;       // references given to workers
  std::uint64_t reads = 0;
  std::uint64_t read_records = 0;  // records scanned for reads
  std::uint64_t topics = 0;
  std::uint64_t log_start = 0;
  std::uint64_t log_end = 0;
};

}  // namespace headgate::broker::shard
