#include "broker/log/lone_record.hpp"

#include <algorithm>

#include "broker/log/crc32c.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::size_t header_size = sizeof(record::batch_header);
// Read at first: usual records are no larger.
constexpr std::size_t usual_size = 512;
// Read at first where larger ones are expected; still larger ones are worth a call that tells how large they are.
constexpr std::size_t most_expected = 64 * 1024;
// Larger ones come with the part of the segment that they stand in: what says so may be damaged, and is not to have us
// take any memory.
constexpr std::size_t most_size = 1024 * 1024;

struct record_bytes {
  record::block_ref block;  // with room for a batch header before them
  std::size_t size = 0;
  const record::record_header& record() const {
    return *reinterpret_cast<const record::record_header*>(block->bytes.get() + header_size);
  }
};

result<record_bytes> read_bytes(file& data, std::uint64_t position, std::size_t size, waiting wait) {
  record_bytes read{record::block_ref::make(header_size + record::aligned(size)), 0};
  const auto got = data.read(position, {read.block->bytes.get() + header_size, size}, wait);
  if (!got) return got.error();
  read.size = *got;
  if (read.size < sizeof(record::record_header)) return errc::too_small;
  return read;
}

bool is_whole(const record::record_header& record, std::uint32_t crc) {
  const auto parts =
      sizeof(record) + record.topic_size + std::uint64_t{record.properties_size} + record.exchange_size();
  if (parts > record.size || !record.has_offset() || record.qos() > 2) return false;
  crc32c found;
  found.add({reinterpret_cast<const std::uint8_t*>(&record), record.size});
  return found.value() == crc;
}

}  // namespace

result<record::batch_ref> read_lone_record(file& data, const segment_summary& segment, const topic_entry& entry,
                                           waiting wait, likely_size& likely) {
  if (entry.position + sizeof(record::record_header) > segment.size) return errc::damaged;
  const auto left = segment.size - entry.position;
  // Records of a topic differ by a few bytes.
  const std::uint64_t expected = likely.value() + usual_size;
  const auto at_first = expected <= most_expected ? expected : usual_size;
  auto read = read_bytes(data, entry.position, std::min(left, at_first), wait);
  if (!read) return read.error();
  const auto size = read->record().size;
  if (size < sizeof(record::record_header) || size > left || size > most_size) return errc::damaged;
  if (size > read->size) {
    read = read_bytes(data, entry.position, size, wait);
    if (!read) return read.error();
    if (read->size < size || read->record().size != size) return errc::damaged;
  }
  if (!is_whole(read->record(), entry.crc32c)) return errc::damaged;
  likely.add(size);
  record::batch_header header;
  header.size = static_cast<std::uint32_t>(header_size + record::aligned(size));
  header.base_offset = segment.first.value + entry.offset_delta;
  header.timestamp_ms = segment.first_time_ms + entry.time_delta_ms;
  header.count = 1;
  header.log_id = segment.log_id;
  const record::batch_ref batch{std::move(read->block), 0};
  batch.header() = header;
  record::for_each_record(batch.header(), [](record::record_header& record) { record.offset_delta = 0; });
  return batch;
}

}  // namespace headgate::broker::log
