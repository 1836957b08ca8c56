#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/stored_log.hpp"

namespace headgate::cli {

// What checking a segment, and what stands beside it, has found.
struct segment_check {
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;           // of whole batches
  std::vector<std::string> damage;   // what cannot be read, and where
  std::vector<std::string> remarks;  // what is no damage, and worth a word
};

// Reads all of it. What a server that writes to it, or was killed, leaves behind the last whole batch is no damage.
segment_check check_segment(const stored_log& stored, const stored_segment& segment);

}  // namespace headgate::cli
