// How a log reads: the newest from memory, the rest from the parts of its segments, which the log thread reads when
// they are not in memory.
#include <algorithm>
#include <utility>

#include "broker/log/posting.hpp"
#include "broker/log/segmented_log.hpp"

namespace headgate::broker::log {

namespace {

// So many parts may be under way, or read and not yet asked for again.
constexpr std::size_t parts_ahead = 48;
// Descriptors and indexes that are kept.
constexpr std::size_t open_segments_kept = 64;

struct opened_segment {
  std::shared_ptr<file> data;
  std::vector<index_entry> entries;
};

result<opened_segment> open_sealed(directory& directory, const segment_summary& segment) {
  auto data = directory.open(log_name(segment.first), opening::existing);
  if (!data) return data.error();
  auto index = read_index(directory, segment.first);
  if (index) return opened_segment{*data, std::move(index->entries)};
  auto scanned = scan_segment(**data, 0);
  if (!scanned) return scanned.error();
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
      from = found.end;
      continue;
    }
    if (segment == &active_.summary) {
      if (!load(*segment, active_.data, active_.index.part_of(from, *segment))) later = true;
    } else if (auto* open = this->open(*segment, later); open != nullptr && open->failed) {
      from = segment->end;
    } else if (open != nullptr) {
      if (!load(*segment, open->data, open->index.part_of(from, *segment))) later = true;
    }
    if (later) return {};
  }
  return {};
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
  post([directory = directory_.get(), segment] { return open_sealed(*directory, segment); },
       [this, reading](const result<opened_segment>& opened) {
         std::erase(readings_, reading);
         const bool is_gone = sealed_.empty() || reading.segment < sealed_.front().first;
         if (is_gone) return;
         if (opened) {
           remember({reading.segment, opened->data, segment_index(opened->entries)});
         } else {
           ++counters_.parts_unreadable;
           remember({reading.segment, nullptr, {}, true});
           say(base::severity::error, "log_unreadable",
               "the segment " + log_name(reading.segment) + " cannot be read, for " +
                   std::string(explain(opened.error())) + ": its messages are left out");
         }
       });
  return nullptr;
}

// Reads the part if it is in memory; else it is asked for, and false.
bool segmented_log::load(const segment_summary& segment, const std::shared_ptr<file>& data, const segment_part& part) {
  const reading reading{segment.first, part};
  if (std::find(readings_.begin(), readings_.end(), reading) != readings_.end()) return false;
  auto block = chunks_.take_block(part.size);
  const auto got = data->read(part.position, {block->bytes.get(), part.size}, waiting::refused);
  if (got || got.error() != errc::would_wait) {
    keep_part(part, std::move(block), got, false);
    return true;
  }
  if (!may_start(reading)) return false;
  readings_.push_back(reading);
  ++counters_.parts_waited_for;
  post(
      [data, part, block] {
        return data->read(part.position, {block->bytes.get(), part.size}, waiting::allowed);
      },
      [this, reading, block](const result<std::size_t>& read) {
        std::erase(readings_, reading);
        keep_part(reading.part, block, read, true);
      });
  return false;
}

// Who is refused is asked again when one that is under way comes, or in the next turn.
bool segmented_log::may_start(const reading& reading) {
  if (std::find(readings_.begin(), readings_.end(), reading) != readings_.end()) return false;
  if (readings_.size() + chunks_.awaited() < parts_ahead) return true;
  chunks_.count_miss();
  if (readings_.empty()) surroundings_.letters.post([] {});
  return false;
}

// Looks at what was read: batches up to the first that is not whole.
void segmented_log::keep_part(const segment_part& part, record::block_ref block, const result<std::size_t>& got,
                              bool awaited) {
  ++counters_.parts_read;
  const base::bytes data(block->bytes.get(), got ? std::min<std::size_t>(*got, part.size) : 0);
  std::size_t good = 0;
  while (good < data.size()) {
    const auto batch = check_batch(data.subspan(good), identity_.id);
    if (!batch) break;
    good += (*batch)->size;
  }
  if (good < part.size) {
    ++counters_.parts_unreadable;
    say(base::severity::error, "log_unreadable",
        "offsets from " + std::to_string(part.first.value) + " to " + std::to_string(part.end.value) +
            " cannot be read whole, for " + std::string(explain(got ? errc::damaged : got.error())) +
            ": what cannot be read of them is left out");
  }
  chunks_.keep(part, std::move(block), good, awaited);
}

segmented_log::open_segment& segmented_log::remember(open_segment&& segment) {
  if (open_.size() >= open_segments_kept) {
    open_.erase(std::min_element(open_.begin(), open_.end(),
                                 [](const auto& a, const auto& b) { return a.used_at < b.used_at; }));
  }
  segment.used_at = ++uses_;
  return open_.emplace_back(std::move(segment));
}

}  // namespace headgate::broker::log
