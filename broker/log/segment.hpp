#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/log/disk.hpp"
#include "broker/record/layout.hpp"

namespace headgate::broker::log {

using record::offset;

// What is known of a segment without looking into it.
struct segment_summary {
  std::uint32_t log_id = 0;
  offset first;                     // of its first batch; the name of its files
  offset end;                       // behind its last one
  std::uint64_t size = 0;           // of the batches, in bytes
  std::uint64_t first_time_ms = 0;  // of its first batch, by the shard's clock
  std::uint64_t last_time_ms = 0;
  friend bool operator==(const segment_summary&, const segment_summary&) = default;
};

// Where a batch stands in its segment.
struct index_entry {
  std::uint64_t offset = 0;  // of its first record
  std::uint64_t time_ms = 0;
  std::uint64_t position = 0;
  friend bool operator==(const index_entry&, const index_entry&) = default;
};

// A part of a segment that begins at a batch and ends behind one: what is read at once.
struct segment_part {
  std::uint64_t position = 0;
  std::uint64_t size = 0;
  offset first;
  offset end;
};

// The sparse index of a segment: one entry for the first batch, and one for the first batch behind every 64 KB.
class segment_index {
 public:
  static constexpr std::uint64_t bytes_per_entry = 64 * 1024;

  segment_index() = default;
  explicit segment_index(std::vector<index_entry> entries) : entries_(std::move(entries)) {}

  // The next batch of the segment. One that does not continue the one before begins a part.
  void add(const record::batch_header& batch, std::uint64_t position, bool continues = true);
  // The part that holds `from`, which is below the segment's end; the first part if it is below its begin.
  segment_part part_of(offset from, const segment_summary& segment) const;
  // The part in which this position stands, which is below the segment's size.
  segment_part part_at(std::uint64_t position, const segment_summary& segment) const;
  const std::vector<index_entry>& entries() const { return entries_; }

 private:
  // The part that ends where `behind` begins.
  segment_part part_before(std::vector<index_entry>::const_iterator behind, const segment_summary& segment) const;

  std::vector<index_entry> entries_;
};

// ---- the names of the files, and the index as bytes (FORMAT.md)

std::string log_name(offset first);
std::string index_name(offset first);
std::string topics_name(offset first);
// The name of a segment's log that was made before it is known where it will begin.
inline constexpr std::string_view spare_name = "spare.log";
// False unless it is the name of a segment's log.
bool parse_log_name(std::string_view name, offset* first);

struct stored_index {
  segment_summary segment;
  std::vector<index_entry> entries;
};
std::vector<std::uint8_t> encode_index(const segment_summary& segment, const segment_index& index);
// Any bytes give an index or an error.
result<stored_index> decode_index(base::bytes data);

}  // namespace headgate::broker::log
