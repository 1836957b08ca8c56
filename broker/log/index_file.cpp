#include <cstring>

#include "broker/log/crc32c.hpp"
#include "broker/log/scan_segment.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::uint32_t magic = 0x58494748;  // "HGIX"
constexpr std::uint32_t version = 1;

struct index_header {
  std::uint32_t magic = 0;
  std::uint32_t version = 0;
  std::uint32_t crc32c = 0;  // of all that follows
  std::uint32_t entries = 0;
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  std::uint64_t size = 0;
  std::uint64_t first_time_ms = 0;
  std::uint64_t last_time_ms = 0;
  std::uint32_t log_id = 0;
  std::uint32_t unused = 0;
};
static_assert(sizeof(index_header) == 64 && sizeof(index_entry) == 24);

constexpr std::size_t checked_from = offsetof(index_header, entries);

std::uint32_t crc_of(base::bytes data) {
  crc32c crc;
  crc.add(data.subspan(checked_from));
  return crc.value();
}

// What part_of() relies on: the first batch is there, and all ascends within the segment.
bool is_sound(const stored_index& index) {
  const auto& segment = index.segment;
  if (index.entries.empty() || segment.end <= segment.first) return false;
  if (index.entries.front().offset < segment.first.value || segment.log_id == 0) return false;
  if (segment.end.value > most_offset) return false;
  for (std::size_t n = 1; n < index.entries.size(); ++n) {
    if (index.entries[n].offset <= index.entries[n - 1].offset) return false;
    if (index.entries[n].position <= index.entries[n - 1].position) return false;
  }
  return index.entries.back().offset < segment.end.value && index.entries.back().position < segment.size;
}

}  // namespace

std::vector<std::uint8_t> encode_index(const segment_summary& segment, const segment_index& index) {
  const auto& entries = index.entries();
  index_header header{magic,
                      version,
                      0,
                      static_cast<std::uint32_t>(entries.size()),
                      segment.first.value,
                      segment.end.value,
                      segment.size,
                      segment.first_time_ms,
                      segment.last_time_ms,
                      segment.log_id,
                      0};
  std::vector<std::uint8_t> data(sizeof(header) + entries.size() * sizeof(index_entry));
  std::memcpy(data.data(), &header, sizeof(header));
  if (!entries.empty()) std::memcpy(data.data() + sizeof(header), entries.data(), entries.size() * sizeof(index_entry));
  header.crc32c = crc_of(data);
  std::memcpy(data.data(), &header, sizeof(header));
  return data;
}

result<stored_index> decode_index(base::bytes data) {
  index_header header;
  if (data.size() < sizeof(header)) return errc::too_small;
  std::memcpy(&header, data.data(), sizeof(header));
  if (header.magic != magic) return errc::damaged;
  if (header.version != version) return errc::unknown_version;
  const auto entries = data.subspan(sizeof(header));
  if (entries.size() < std::uint64_t{header.entries} * sizeof(index_entry)) return errc::too_small;
  if (entries.size() != std::uint64_t{header.entries} * sizeof(index_entry)) return errc::damaged;
  if (crc_of(data) != header.crc32c) return errc::damaged;
  stored_index index{
      {header.log_id, offset{header.first}, offset{header.end}, header.size, header.first_time_ms, header.last_time_ms},
      std::vector<index_entry>(header.entries)};
  if (!entries.empty()) std::memcpy(index.entries.data(), entries.data(), entries.size());
  if (!is_sound(index)) return errc::damaged;
  return index;
}

result<nothing> write_index(directory& directory, const segment_summary& segment, const segment_index& index) {
  const auto data = encode_index(segment, index);
  auto file = directory.open(index_name(segment.first), opening::created);
  if (!file) return file.error();
  const base::bytes part(data);
  if (auto written = (*file)->write(0, {&part, 1}); !written) return written;
  return (*file)->sync();
}

result<stored_index> read_index(directory& directory, offset first) {
  auto file = directory.open(index_name(first), opening::to_read);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  std::vector<std::uint8_t> data(*size);
  const auto got = (*file)->read(0, data, waiting::allowed);
  if (!got) return got.error();
  return decode_index(base::bytes(data).first(*got));
}

}  // namespace headgate::broker::log
