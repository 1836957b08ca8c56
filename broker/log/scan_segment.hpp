#pragma once

#include <cstdint>
#include <functional>

#include "broker/log/disk.hpp"
#include "broker/log/segment.hpp"

// What is done to a segment as a whole: reading it through, and making the files beside it.
namespace headgate::broker::log {

enum class damage : std::uint8_t {
  ends,        // what does not continue the batches before is the end: a tail that a crash has torn
  is_skipped,  // as far as the next whole batch
};

// Calls visit(batch, position) for each whole batch from the begin of the file on, in the order of their offsets, or
// until it answers false. Reads a megabyte at a time, or a batch that is larger. `log_id`: 0 for any, but all of one.
using batch_visitor = std::function<bool(const record::batch_header& batch, std::uint64_t position)>;
result<nothing> visit_batches(file& file, std::uint32_t log_id, damage on_damage, const batch_visitor& visit);

// A segment as its bytes show it.
struct scanned_segment {
  segment_summary segment;  // its size is where the last whole batch ends; 0: it has none
  segment_index index;
  std::uint64_t bytes_skipped = 0;
};
// `log_id`: 0 for any.
result<scanned_segment> scan_segment(file& file, std::uint32_t log_id, damage on_damage);
// Reads a segment through and writes its topics, so that they are on the device. A segment without them is read
// through by who looks for a topic.
result<nothing> write_topics(directory& directory, file& file, const segment_summary& segment);
// Writes the index of a segment, so that it is on the device.
result<nothing> write_index(directory& directory, const segment_summary& segment, const segment_index& index);
result<stored_index> read_index(directory& directory, offset first);

}  // namespace headgate::broker::log
