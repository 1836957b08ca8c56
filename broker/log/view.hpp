#pragma once

#include <cstdint>

namespace headgate::broker::log {

// What a log on disk counts: plain numbers, copied out by its worker on request.
struct log_view {
  std::uint64_t segments = 0;  // a gauge
  std::uint64_t bytes = 0;     // of all segments; a gauge
  std::uint64_t writes = 0;    // one a turn that had something
  std::uint64_t bytes_written = 0;
  std::uint64_t syncs = 0;
  std::uint64_t segments_dropped = 0;    // by retention
  std::uint64_t refused_batches = 0;     // the disk was full, or has failed
  std::uint64_t parts_read = 0;          // from the files, of about 64 KB
  std::uint64_t parts_waited_for = 0;    // of these, those that were not in memory
  std::uint64_t offsets_unreadable = 0;  // that readers were led past, each time; some may never have been given
  std::uint64_t parts_unreadable = 0;    // damaged, or the disk answered with an error
  std::uint64_t bytes_cut = 0;           // at the start, behind the last whole batch
  bool is_full = false;
  bool has_failed = false;
};

}  // namespace headgate::broker::log
