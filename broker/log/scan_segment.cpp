#include <algorithm>
#include <array>
#include <cstring>

#include "broker/log/scan_segment.hpp"
#include "broker/log/stored_batch.hpp"
#include "broker/log/topics_writer.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::size_t bytes_per_read = 1024 * 1024;

// Reads a file from its beginning; `data` is what of it is still to be looked at.
class forward_reader {
 public:
  forward_reader(file& file, std::uint64_t size) : file_(file), size_(size) {}

  base::bytes data() const { return base::bytes(buffer_).subspan(used_, end_ - used_); }
  void skip(std::size_t size) { used_ += size; }
  // More behind it; false at the end of the file.
  result<bool> read_on(std::size_t wanted) {
    const auto left = data();
    if (!left.empty()) std::memmove(buffer_.data(), left.data(), left.size());
    used_ = 0;
    end_ = left.size();
    const auto more = std::min<std::uint64_t>(std::max(wanted, bytes_per_read), size_ - read_);
    if (buffer_.size() < end_ + more) buffer_.resize(end_ + more);
    const auto got = file_.read(read_, std::span(buffer_).subspan(end_, more), waiting::allowed);
    if (!got) return got.error();
    end_ += *got;
    read_ += *got;
    return *got > 0;
  }

 private:
  file& file_;
  std::uint64_t size_;
  std::uint64_t read_ = 0;
  std::vector<std::uint8_t> buffer_;  // only grows: what is read over needs no zeros
  std::size_t used_ = 0;              // always a multiple of 8: batches stand aligned in the buffer
  std::size_t end_ = 0;               // of what was read
};

// How many bytes a batch says that it has, as far as it can be read.
std::size_t claimed_size(base::bytes data) {
  if (data.size() < sizeof(record::batch_header)) return sizeof(record::batch_header);
  return reinterpret_cast<const record::batch_header*>(data.data())->size;
}

void add(scanned_segment& scanned, const record::batch_header& batch, std::uint64_t position) {
  auto& segment = scanned.segment;
  if (segment.end == segment.first) {
    segment.log_id = batch.log_id;
    segment.first = offset{batch.base_offset};
    segment.first_time_ms = batch.timestamp_ms;
  }
  scanned.bytes_skipped += position - segment.size;
  scanned.index.add(batch, position, position == segment.size);
  segment.end = offset{batch.base_offset + batch.count};
  segment.last_time_ms = batch.timestamp_ms;
  segment.size = position + batch.size;
}

// Whether there may be a batch of this log: spares the CRC at most places behind what is damaged.
bool may_begin(base::bytes data, std::uint32_t log_id) {
  if (log_id == 0 || data.size() < sizeof(record::batch_header)) return true;
  return reinterpret_cast<const record::batch_header*>(data.data())->log_id == log_id;
}

}  // namespace

result<nothing> visit_batches(file& file, std::uint32_t log_id, damage on_damage, const batch_visitor& visit) {
  const auto size = file.size();
  if (!size) return size.error();
  forward_reader reader(file, *size);
  std::uint64_t position = 0;
  std::uint64_t next = 0;
  bool any = false;
  const auto skip = [&](std::size_t bytes) {
    position += bytes;
    reader.skip(bytes);
  };
  for (;;) {
    using checked = result<const record::batch_header*>;
    const auto batch = may_begin(reader.data(), log_id) ? check_batch(reader.data(), log_id) : checked(errc::damaged);
    if (!batch && batch.error() == errc::too_small) {
      const auto more = reader.read_on(claimed_size(reader.data()) - reader.data().size());
      if (!more) return more.error();
      if (*more) continue;
    }
    if (!batch && batch.error() == errc::unknown_version) return batch.error();
    // What stands behind the last batch of a life may be of another one.
    const bool continues = batch && (!any || (*batch)->base_offset == next ||
                                     (on_damage == damage::is_skipped && (*batch)->base_offset > next));
    if (continues) {
      any = true;
      next = (*batch)->base_offset + (*batch)->count;
      log_id = (*batch)->log_id;
      if (!visit(**batch, position)) return nothing{};
      skip((*batch)->size);
    } else if (on_damage == damage::ends || reader.data().size() < record::alignment) {
      return nothing{};
    } else {
      skip(record::alignment);
    }
  }
}

result<scanned_segment> scan_segment(file& file, std::uint32_t log_id, damage on_damage) {
  scanned_segment scanned;
  const auto visited =
      visit_batches(file, log_id, on_damage, [&](const record::batch_header& batch, std::uint64_t position) {
        add(scanned, batch, position);
        return true;
      });
  if (!visited) return visited.error();
  return scanned;
}

namespace {

// Hands the records of a segment to the writer of its topics, some at a time.
class topics_collector {
 public:
  topics_collector(topics_writer& topics, const segment_summary& segment) : topics_(topics), segment_(segment) {}

  void add(const record::batch_header& batch, std::uint64_t position) {
    const auto offset_delta = batch.base_offset - segment_.first.value;
    const auto time_delta_ms = static_cast<std::uint32_t>(batch.timestamp_ms - segment_.first_time_ms);
    for_each_stored_record(const_cast<record::batch_header&>(batch), [&](const record::record_header& record,
                                                                         std::uint32_t behind_header) {
      if (!record.is_message()) return;
      group_[count_++] = {&record, static_cast<std::uint32_t>(position) + behind_header,
                          static_cast<std::uint32_t>(offset_delta + record.offset_delta), time_delta_ms};
      if (count_ == group_.size()) hand_over();
    });
    hand_over();  // the batch does not live on
  }

 private:
  void hand_over() {
    topics_.add({group_.data(), count_});
    count_ = 0;
  }

  topics_writer& topics_;
  const segment_summary& segment_;
  std::array<placed_record, topics_writer::group> group_;
  std::size_t count_ = 0;
};

// No segment has more records, whatever is said of it.
std::size_t most_records(const segment_summary& segment) {
  return std::min<std::uint64_t>(segment.end.value - segment.first.value, segment.size / sizeof(record::record_header));
}

}  // namespace

result<nothing> write_topics(directory& directory, file& file, const segment_summary& segment) {
  topics_writer topics(most_records(segment));
  topics_collector collector(topics, segment);
  std::uint64_t end = 0;
  const auto visited =
      visit_batches(file, segment.log_id, damage::ends, [&](const record::batch_header& batch, std::uint64_t position) {
        if (position >= segment.size) return false;
        end = position + batch.size;
        collector.add(batch, position);
        return true;
      });
  if (!visited) return visited;
  if (end != segment.size) return errc::damaged;
  const auto data = topics.finish();
  auto made = directory.open(topics_name(segment.first), opening::created);
  if (!made) return made.error();
  const base::bytes part(data);
  if (auto written = (*made)->write(0, {&part, 1}); !written) return written;
  return (*made)->sync();
}

}  // namespace headgate::broker::log
