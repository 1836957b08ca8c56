#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/log/disk.hpp"

// The records of a sealed segment by topic (FORMAT.md): one read of the directory and one of a part of the lists tell
// where those of a topic stand, and all lists, read one after the other, which topics there are.
namespace headgate::broker::log {

// Where a record stands in its segment, with what its batch says of it and a CRC of its own: enough to read it alone.
struct topic_entry {
  std::uint32_t position = 0;
  std::uint32_t offset_delta = 0;   // from the segment's first
  std::uint32_t time_delta_ms = 0;  // from the segment's first time
  std::uint32_t crc32c = 0;         // of the record, without padding
  friend bool operator==(const topic_entry&, const topic_entry&) = default;
};
static_assert(sizeof(topic_entry) == 16);

// The topics of one hash, nearly always one, and all their records in order.
struct topic_list {
  std::uint64_t hash = 0;
  std::vector<std::string_view> names;
  std::vector<topic_entry> entries;
};

// The head of a topics file, from which the rest is found.
struct topics_head {
  std::uint64_t hashes = 0;  // how many lists there are
  std::uint64_t size = 0;    // of the file
  std::uint32_t bits = 0;    // the lists are in 2^bits parts, by the upper bits of the hash
};
inline constexpr std::size_t topics_head_bytes = 40;
// Any bytes give a head, or an error.
result<topics_head> decode_topics_head(base::bytes data);

// A range of the file.
struct topics_range {
  std::uint64_t position = 0;
  std::uint64_t size = 0;
};
// What of the directory says where the part of this hash stands.
topics_range directory_range(const topics_head& head, std::uint64_t hash);
std::uint32_t part_number(const topics_head& head, std::uint64_t hash);
// Where that part stands. Any bytes give one inside the file, or an error.
result<topics_range> decode_directory(const topics_head& head, base::bytes data);
// Where all parts stand, one behind the other.
topics_range lists_range(const topics_head& head);

// Takes the part of this number from the front of `data`, and appends its lists; the names point into `data`. Any bytes
// give lists, or an error.
result<nothing> decode_part(base::bytes& data, std::uint32_t number, std::vector<topic_list>& lists);

}  // namespace headgate::broker::log
