#include "broker/log/segmented_log.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.hpp"
#include "broker/log/posting.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::uint64_t retry_ms = 1000;
// Positions and distances in a segment have 32 bits.
constexpr std::uint64_t most_segment_bytes = std::uint64_t{1} << 31;

// Leaves of a segment the batches that begin below `keep`.
result<nothing> cut_behind(file& data, offset keep) {
  std::uint64_t end = 0;
  const auto visited =
      visit_batches(data, 0, damage::ends, [&](const record::batch_header& batch, std::uint64_t position) {
        if (batch.base_offset >= keep.value) return false;
        end = position + batch.size;
        return true;
      });
  if (!visited) return visited;
  return data.truncate(end);
}

}  // namespace

segmented_log::segmented_log(std::unique_ptr<directory> directory, recovered_log&& recovered,
                             const segmented_log_options& options, log_surroundings surroundings)
    : directory_(std::move(directory)),
      options_(options),
      surroundings_(std::move(surroundings)),
      sealed_(recovered.segments.begin(), recovered.segments.end()),
      end_(recovered.next),
      written_(recovered.next),
      committed_(recovered.next),
      tail_(options.tail_bytes, recovered.identity.id, recovered.next),
      identity_(recovered.identity),
      identity_file_(std::move(recovered.identity_file)),
      chunks_(options.read_bytes),
      places_(options.places_bytes) {
  active_.summary.first = active_.summary.end = end_;
  counters_.bytes_cut = recovered.bytes_cut;
  prepare_spare();
}

segmented_log::~segmented_log() {
  surroundings_.slow.wait();
  close_in_order();
}

void segmented_log::append(batch_ref batch) {
  auto& header = batch.header();
  HEADGATE_ASSERT(header.base_offset == end_.value && header.count > 0);
  end_.value += header.count;
  auto stored = store_batch(header, identity_.id, runs_);
  staged_.push_back({std::move(batch), stored});
}

offset segmented_log::flush(base::instant now) {
  now_ = now.monotonic;
  keep_up(now);
  sync_if_needed(now);
  if (state_ == state::failed) return refuse_staged();
  // Nobody may hear that something is refused which the next start would find.
  if (cutting_ || settling_) return end_;
  const bool has_offsets = end_.value <= identity_.reserved;
  if (!has_offsets && reserving_failed_) become_full("no offsets can be reserved, for the disk is full");
  const bool has_file = active_.data || spare_;
  if (state_ == state::full && (!has_file || !has_offsets || now.monotonic < try_again_at_)) {
    return refuse_staged();
  }
  if (!staged_.empty() && has_offsets) write_staged(now);
  sync_if_needed(now);
  return end_;
}

// Whether the active segment takes so many bytes more.
bool segmented_log::has_room_for(std::uint64_t size) const {
  if (!active_.data) return false;
  if (active_.summary.size == 0) return true;  // however large
  return active_.summary.size + size <= options_.segment_bytes && active_.chains.topics() <= options_.segment_topics;
}

// One write, or one a segment that this turn touches.
void segmented_log::write_staged(base::instant now) {
  while (!staged_.empty()) {
    const auto first = staged_.front().stored.header.size;
    if (!has_room_for(first)) {
      if (spare_) {
        roll();
        if (settling_) return;
      } else if (!active_.data) {
        return;  // the very first file is being made
      } else if (active_.summary.size + first > most_segment_bytes) {
        become_full("no file for the next segment can be made");
        try_again_at_.value = now.monotonic.value + retry_ms;
        refuse_staged();
        return;
      }
      // Without a spare one the segment grows past its size: better than to wait.
    }
    std::uint64_t size = 0;
    std::size_t count = 0;
    for (const auto& staged : staged_) {
      size += staged.stored.header.size;
      const auto most = spare_ ? options_.segment_bytes : most_segment_bytes;
      if (count > 0 && active_.summary.size + size > most) break;
      ++count;
    }
    if (!write_some(count, now)) return;
  }
  runs_.clear();
}

bool segmented_log::write_some(std::size_t count, base::instant now) {
  parts_.clear();
  std::uint64_t size = 0;
  for (std::size_t n = 0; n < count; ++n) {
    auto& stored = staged_[n].stored;
    chain(staged_[n].batch.header(), active_.summary.size + size);
    set_crc(stored, runs_);
    size += stored.header.size;
    parts_.emplace_back(reinterpret_cast<const std::uint8_t*>(&stored.header), sizeof(stored.header));
    parts_.insert(parts_.end(), runs_.begin() + stored.first_run, runs_.begin() + stored.first_run + stored.run_count);
  }
  ++counters_.writes;
  if (const auto written = active_.data->write(active_.summary.size, parts_); !written) {
    active_.chains.take_back();
    on_write_error(written.error(), now);
    return false;
  }
  active_.chains.keep();
  counters_.bytes_written += size;
  for (std::size_t n = 0; n < count; ++n) took(staged_[n].batch, staged_[n].stored.header);
  staged_.erase(staged_.begin(), staged_.begin() + static_cast<std::ptrdiff_t>(count));
  if (state_ == state::full) {
    state_ = state::writing;
    say(base::severity::info, "log_writes_again", "there is room on the disk again: it takes messages");
  }
  return true;
}

// Each record gets its distance to the one before it of its topic; the chains of some records are fetched ahead at
// once.
void segmented_log::chain(record::batch_header& batch, std::uint64_t position) {
  std::array<record::record_header*, topic_chains::group> records;
  std::array<std::uint64_t, topic_chains::group> hashes;
  std::array<std::uint32_t, topic_chains::group> positions;
  std::size_t count = 0;
  const auto add_group = [&] {
    active_.chains.prefetch({hashes.data(), count});
    for (std::size_t n = 0; n < count; ++n) {
      const auto before = active_.chains.add(hashes[n], positions[n]);
      records[n]->previous_distance = before == topic_chains::none ? 0 : positions[n] - before;
    }
    count = 0;
  };
  for_each_stored_record(batch, [&](record::record_header& record, std::uint32_t behind_header) {
    if (!record.is_message()) return;
    records[count] = &record;
    hashes[count] = record.topic_hash;
    positions[count] = static_cast<std::uint32_t>(position) + behind_header;
    if (++count == topic_chains::group) add_group();
  });
  add_group();
}

void segmented_log::took(const batch_ref& batch, const record::batch_header& stored) {
  auto& segment = active_.summary;
  if (segment.size == 0) {
    segment.log_id = identity_.id;
    segment.first_time_ms = stored.timestamp_ms;
  }
  active_.index.add(stored, segment.size);
  segment.size += stored.size;
  segment.last_time_ms = stored.timestamp_ms;
  written_.value += stored.count;
  segment.end = written_;
  tail_.append(batch);
  if (options_.commit == commit_policy::os) committed_ = written_;
}

offset segmented_log::refuse_staged() {
  counters_.refused_batches += staged_.size();
  staged_.clear();
  runs_.clear();
  end_ = written_;
  return end_;
}

void segmented_log::on_write_error(errc error, base::instant now) {
  if (error != errc::no_space) {
    fail("it could not be written", error);
    refuse_staged();
    return;
  }
  become_full("the disk is full");
  try_again_at_.value = now.monotonic.value + retry_ms;
  cut_active();
}

void segmented_log::become_full(std::string_view why) {
  if (state_ != state::writing) return;
  state_ = state::full;
  say(base::severity::error, "log_disk_full",
      std::string(why) + ": messages above QoS 0 are refused until there is room; it is tried again each second");
}

// What is not committed may or may not be on the device. Nobody hears of it, and nothing comes behind it; as far as the
// device lets us it is taken off.
void segmented_log::fail(std::string_view what, errc error) {
  if (state_ == state::failed) return;
  state_ = state::failed;
  written_ = committed_;
  const auto cut = [data = active_.data, lost = lost_on_device_, keep = committed_]() -> result<nothing> {
    lost->store(true, std::memory_order_relaxed);
    if (!data) return nothing{};
    return cut_behind(*data, keep);
  };
  post(urgency::awaited, cut, [](const result<nothing>&) {});  // a device that fails may fail in this, too
  say(base::severity::error, "log_failed",
      std::string(what) + ", for " + std::string(explain(error)) +
          ": messages above QoS 0 are refused until the server is started again; look at the disk first");
}

std::uint64_t segmented_log::bytes() const {
  auto sum = active_.summary.size;
  for (const auto& segment : sealed_) sum += segment.size;
  return sum;
}

log_view segmented_log::view() const {
  auto view = counters_;
  view.segments = sealed_.size() + (active_.data ? 1 : 0);
  view.bytes = bytes();
  view.is_full = state_ == state::full;
  view.has_failed = state_ == state::failed;
  return view;
}

void segmented_log::say(base::severity severity, std::string_view event, std::string_view text) {
  const auto line = "the log of shard " + surroundings_.name + ": " + std::string(text);
  const base::log_field field{"shard", surroundings_.name};
  surroundings_.lines.write({severity, event, line, {&field, 1}});
}

}  // namespace headgate::broker::log
