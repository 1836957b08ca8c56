// How a log reads: the newest from memory, the rest from the parts of its segments, which the log thread reads when
// they are not in memory.
#include <algorithm>
#include <utility>

#include "broker/log/posting.hpp"
#include "broker/log/scan_segment.hpp"
#include "broker/log/segmented_log.hpp"

namespace headgate::broker::log {

namespace {

// So many parts may be under way, or read and not yet asked for again.
constexpr std::size_t parts_ahead = 48;
// Descriptors and indexes that are kept.
constexpr std::size_t open_segments_kept = 16;
// What the device does not give is asked for again each second, so long; then it is given up.
constexpr std::uint64_t try_again_ms = 1000;
constexpr std::uint64_t give_up_ms = 10'000;
constexpr std::size_t failed_readings_kept = 64;
constexpr std::uint64_t told_every_ms = 10'000;

struct opened_segment {
  std::shared_ptr<file> data;
  std::vector<index_entry> entries;
};

result<opened_segment> open_sealed(directory& directory, const segment_summary& segment) {
  auto data = directory.open(log_name(segment.first), opening::existing);
  if (!data) return data.error();
  auto index = read_index(directory, segment.first);
  if (index && index->segment == segment) return opened_segment{*data, std::move(index->entries)};
  auto scanned = scan_segment(**data, segment.log_id, damage::is_skipped);
  if (!scanned) return scanned.error();
  if (scanned->segment.size == 0 || scanned->segment.size > segment.size) return errc::damaged;
  return opened_segment{*data, scanned->index.entries()};
}

}  // namespace

read_result segmented_log::read(offset from) {
  if (from >= committed_) return {};
  if (tail_.start() < tail_.end() && from >= tail_.start()) return tail_.read(from);
  bool later = false;
  auto batch = read_segments(from, later);
  if (batch && batch.header().base_offset >= committed_.value) return {};
  return {std::move(batch), later};
}

batch_ref segmented_log::read_segments(offset from, bool& later) {
  while (const auto* segment = segment_of(from)) {
    if (auto found = chunks_.find(from); found.here) {
      if (found.batch) return found.batch;
      skip(from, found.end);
      continue;
    }
    const auto* data = &active_.data;
    const auto* index = &active_.index;
    if (segment != &active_.summary) {
      const auto* open = this->open(*segment, later);
      if (later) return {};
      if (open->failed) {
        skip(from, segment->end);
        continue;
      }
      data = &open->data;
      index = &open->index;
    }
    const auto part = index->part_of(from, *segment);
    if (from < part.first) {
      skip(from, part.first);
      continue;  // that part may be here
    }
    if (!load(*segment, *data, part)) {
      later = true;
      return {};
    }
  }
  return {};
}

// Leads a reader past what cannot be read.
void segmented_log::skip(offset& from, offset end) {
  counters_.offsets_unreadable += end.value - from.value;
  from = end;
}

// The segment with the first batch at or behind `from`, which is set to that segment's begin if it lies before. Null:
// none has.
const segment_summary* segmented_log::segment_of(offset& from) const {
  const auto found = std::upper_bound(sealed_.begin(), sealed_.end(), from,
                                      [](offset value, const segment_summary& segment) { return value < segment.end; });
  const auto* segment = found == sealed_.end() ? &active_.summary : &*found;
  if (from >= segment->end || segment->size == 0) return nullptr;
  from = std::max(from, segment->first);
  return segment;
}

// Null, and `later`, until the log thread has opened it.
segmented_log::open_segment* segmented_log::open(const segment_summary& segment, bool& later) {
  for (auto& open : open_) {
    if (open.first != segment.first) continue;
    open.used_at = ++uses_;
    return &open;
  }
  later = true;
  const reading reading{segment.first, {}};
  if (!may_start(reading)) return nullptr;
  readings_.push_back(reading);
  post(
      urgency::awaited, [directory = directory_.get(), segment] { return open_sealed(*directory, segment); },
      [this, reading](const result<opened_segment>& opened) {
        std::erase(readings_, reading);
        const bool is_gone = sealed_.empty() || reading.segment < sealed_.front().first;
        if (is_gone) return;
        if (opened) {
          remember({reading.segment, opened->data, segment_index(opened->entries)});
        } else if (gives_up(reading, opened.error())) {
          remember({reading.segment, nullptr, {}, true});
        }
      });
  return nullptr;
}

// Reads the part if it is in memory; else it is asked for, and false.
bool segmented_log::load(const segment_summary& segment, const std::shared_ptr<file>& data, const segment_part& part) {
  const reading reading{segment.first, part};
  if (!may_start(reading)) return false;
  auto block = chunks_.take_block(part.size);
  const auto got = data->read(part.position, {block->bytes.get(), part.size}, waiting::refused);
  if (got || got.error() != errc::would_wait) return keep_part(reading, std::move(block), got, false);
  readings_.push_back(reading);
  ++counters_.parts_waited_for;
  post(
      urgency::awaited,
      [data, part, block] {
        return data->read(part.position, {block->bytes.get(), part.size}, waiting::allowed);
      },
      [this, reading, block](const result<std::size_t>& read) {
        std::erase(readings_, reading);
        keep_part(reading, block, read, true);
      });
  return false;
}

// Who is refused is asked again when one that is under way comes, or in a next turn.
bool segmented_log::may_start(const reading& reading) {
  if (std::find(readings_.begin(), readings_.end(), reading) != readings_.end()) return false;
  if (waits_to_try_again(reading)) return false;
  if (readings_.size() + chunks_.awaited() < parts_ahead) return true;
  chunks_.count_miss();
  if (readings_.empty()) surroundings_.letters.post([] {});
  return false;
}

// Looks at what was read: batches up to the first that is not whole. False when the device has not given it yet.
bool segmented_log::keep_part(const reading& reading, record::block_ref block, const result<std::size_t>& got,
                              bool awaited) {
  ++counters_.parts_read;
  const auto& part = reading.part;
  if (!got && !gives_up(reading, got.error())) return false;
  const base::bytes data(block->bytes.get(), got ? std::min<std::size_t>(*got, part.size) : 0);
  std::size_t good = 0;
  auto next = part.first.value;
  while (good < data.size()) {
    const auto batch = check_batch(data.subspan(good), identity_.id);
    if (!batch || (*batch)->base_offset < next || (*batch)->base_offset + (*batch)->count > part.end.value) break;
    next = (*batch)->base_offset + (*batch)->count;
    good += (*batch)->size;
  }
  if (got && good < part.size) say_unreadable(reading, errc::damaged);
  chunks_.keep(part, std::move(block), good, awaited);
  return true;
}

segmented_log::open_segment& segmented_log::remember(open_segment&& segment) {
  if (open_.size() >= open_segments_kept) {
    open_.erase(std::min_element(open_.begin(), open_.end(),
                                 [](const auto& a, const auto& b) { return a.used_at < b.used_at; }));
  }
  segment.used_at = ++uses_;
  return open_.emplace_back(std::move(segment));
}

bool segmented_log::waits_to_try_again(const reading& reading) const {
  return std::any_of(failed_readings_.begin(), failed_readings_.end(),
                     [&](const auto& failed) { return failed.what == reading && now_ < failed.again; });
}

// What is damaged stays so; what the device did not give, or the system did not allow, may come yet.
bool segmented_log::gives_up(const reading& reading, errc error) {
  const bool may_come = error != errc::damaged && error != errc::not_found && error != errc::unknown_version;
  const auto known = std::find_if(failed_readings_.begin(), failed_readings_.end(),
                                  [&](const auto& failed) { return failed.what == reading; });
  const base::monotonic_ms again{now_.value + try_again_ms};
  if (may_come && known == failed_readings_.end() && failed_readings_.size() < failed_readings_kept) {
    failed_readings_.push_back({reading, now_, again});
    return false;
  }
  // Before the first turn nobody knows the time.
  if (known != failed_readings_.end() && known->first.value == 0) known->first = now_;
  if (may_come && known != failed_readings_.end() && now_.value < known->first.value + give_up_ms) {
    known->again = again;
    return false;
  }
  if (known != failed_readings_.end()) failed_readings_.erase(known);
  say_unreadable(reading, error);
  return true;
}

// Told now and then only: a reader may meet many such parts one after the other.
void segmented_log::say_unreadable(const reading& reading, errc error) {
  ++counters_.parts_unreadable;
  if (unreadable_told_.value != 0 && now_.value < unreadable_told_.value + told_every_ms) return;
  unreadable_told_ = now_;
  const auto what = reading.part.size == 0 ? "the segment " + log_name(reading.segment)
                                           : "offsets from " + std::to_string(reading.part.first.value) + " to " +
                                                 std::to_string(reading.part.end.value);
  say(base::severity::error, "log_unreadable",
      what + " cannot be read whole, for " + std::string(explain(error)) +
          ": what cannot be read is left out (offsets_unreadable counts it)");
}

}  // namespace headgate::broker::log
