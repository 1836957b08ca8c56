#pragma once

#include <cstdint>

namespace headgate::admin {

// What the system says of this process; names and units are those of every Prometheus client.
struct process_numbers {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t max_descriptors = 0;
  double start_seconds = 0;  // of the wall clock
  std::uint64_t threads = 0;
};

// Reads them from /proc/self: some tens of microseconds. What cannot be read is 0.
process_numbers read_process_numbers();

}  // namespace headgate::admin
