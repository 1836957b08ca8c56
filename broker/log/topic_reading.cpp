// How a log reads the records of some topics: those of a sealed segment stand in its topics file, each to be read
// alone; those of a segment without it in chains. Whatever is in doubt is answered by a scan.
#include <algorithm>
#include <utility>

#include "broker/log/chain_walk.hpp"
#include "broker/log/lone_record.hpp"
#include "broker/log/topic_density.hpp"
#include "broker/log/topics_question.hpp"

namespace headgate::broker::log {

namespace {

// Sealed segments that wait for their topics file: each keeps the chains of up to a million topics.
constexpr std::size_t sealing_kept = 2;
// What a worker does itself when it is in memory: some ten microseconds.
constexpr std::size_t links_at_once = 64;
// One reader's lists take so large a part of what may be kept, or the segment is read through.
constexpr std::uint64_t most_of_places = 4;

topic_read_result scan_to(offset to) {
  return {.batch = {}, .to = to, .later = false, .is_scan = true};
}
topic_read_result none_below(offset to) {
  return {.batch = {}, .to = to, .later = false, .is_scan = false};
}
topic_read_result answer_later() {
  return {.batch = {}, .to = {}, .later = true, .is_scan = false};
}

// The record that begins there in the batch, or null.
const record::record_header* record_at(const record::batch_ref& batch, std::uint32_t behind_begin) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(&batch.header());
  const record::record_header* found = nullptr;
  record::for_each_record_while(batch.header(), [&](const record::record_header& record) {
    if (reinterpret_cast<const std::uint8_t*>(&record) == begin + behind_begin) found = &record;
    return found == nullptr;
  });
  return found;
}

}  // namespace

// A record of a chain that may be the next one.
struct segmented_log::candidate {
  std::uint32_t position = 0;
  std::uint32_t previous = topic_chains::none;  // the one before it in the chain
  std::uint32_t low = 0;                        // further back the chain was not walked
  const places_key* key = nullptr;

  // Whether the record there says what was found on the walk.
  bool is_linked(const record::record_header& record) const {
    if (record.topic_hash != key->hash || record.previous_distance > position) return false;
    const auto before = position - record.previous_distance;
    if (previous != topic_chains::none) return before == previous;
    return record.previous_distance == 0 || before < low;
  }
};

// The batch in which a record stands, and where in the segment.
struct segmented_log::placed_batch {
  record::batch_ref batch;
  std::uint32_t position = 0;
  bool later = false;
};

topic_read_result segmented_log::read_topics(const topic_selection_ref& wanted, offset from) {
  const auto* segment = from < committed_ ? segment_of(from) : nullptr;
  if (segment == nullptr) return none_below(std::max(from, committed_));
  const topics_question asked{wanted, from, *segment};
  const auto* chains = chained(*segment);
  if (chains == nullptr) return read_listed(asked);
  // Whose topics are only known by what they match is not found in chains.
  return wanted->matches ? scan_to(segment->end) : read_chained(asked, *chains);
}

const segmented_log::active_segment* segmented_log::chained(const segment_summary& segment) const {
  if (&segment == &active_.summary) return &active_;
  const auto found = std::find_if(sealing_.begin(), sealing_.end(),
                                  [&](const auto& one) { return one.summary.first == segment.first; });
  return found == sealing_.end() ? nullptr : &*found;
}

// ---- sealed segments

topic_read_result segmented_log::read_listed(const topics_question& asked) {
  struct {
    std::optional<topic_entry> entry;
    places_key key;
    record::batch_ref ready;
    bool failed = false;
  } next;
  std::uint64_t wanted = 0;
  std::uint64_t bytes = 0;
  bool later = false;
  for (const auto& key : asked.keys()) {
    const auto* places = listed_places(asked, key);
    if (places == nullptr) {
      later = true;
      continue;
    }
    if (places->state == topic_places::state::unknown) return scan_to(asked.segment.end);
    wanted += places->entries.size();
    bytes += places->bytes();
    // Looked at here, since those that do not fit together are never here together.
    if (is_dense(wanted, records_of(asked.segment)) || bytes > options_.places_bytes / most_of_places) {
      return scan_to(asked.segment.end);
    }
    const auto at = first_behind(*places, asked.segment, asked.from);
    if (at == places->entries.size()) continue;
    if (next.entry && next.entry->position <= places->entries[at].position) continue;
    const auto ahead = at - places->first_ready;  // far too many when it is before it
    next = {places->entries[at], key, ahead < places->ready.size() ? places->ready[ahead] : record::batch_ref{},
            places->failed && ahead == places->ready.size()};
  }
  if (later) return answer_later();
  if (!next.entry) return none_below(asked.segment.end);
  return read_alone(asked, next.key, *next.entry, std::move(next.ready), next.failed);
}

// Null until the log thread has found it out.
topic_places* segmented_log::listed_places(const topics_question& asked, const places_key& key) {
  auto* known = places_.find(key);
  const bool is_old = known != nullptr && (known->state == topic_places::state::chained || known->until <= now_);
  if (known != nullptr && !is_old) return known;
  if (asked.wanted->matches) {
    search_later(asked, key);
    return nullptr;
  }
  const auto* opened = find_opened(key.segment);
  if (opened == nullptr) {
    look_up_later(asked, key);
    return nullptr;
  }
  auto found = look_up_topic(*opened, key.hash, part_bytes_at_once, waiting::refused);
  const bool is_large = found && found->too_many;
  if (is_large || (!found && found.error() == errc::would_wait)) {
    look_up_later(asked, key);
    return nullptr;
  }
  if (!found) return &keep_unknown(key, asked.segment.end, again_at(found.error(), now_));
  return &places_.keep(key, listed(std::move(*found), asked.segment), false);
}

// What cannot be read so is in doubt: it may be damaged, or the topics file may lie. That very record is scanned.
topic_read_result segmented_log::read_alone(const topics_question& asked, const places_key& key,
                                            const topic_entry& entry, record::batch_ref ready, bool failed) {
  const offset place{asked.segment.first.value + entry.offset_delta};
  if (place >= committed_) return none_below(committed_);
  if (ready) return {.batch = std::move(ready), .to = place};
  if (!failed) {
    const auto* opened = find_opened(asked.segment.first);
    auto* places = places_.find(key);
    likely_size unknown;
    auto& likely = places == nullptr ? unknown : places->likely;
    auto record = opened == nullptr ? result<record::batch_ref>(errc::would_wait)
                                    : read_lone_record(*opened->data, asked.segment, entry, waiting::refused, likely);
    if (record) return {.batch = std::move(*record), .to = place};
    if (record.error() == errc::would_wait) {
      read_ahead_later(asked, key);
      return answer_later();
    }
  }
  return place > asked.from ? none_below(place) : scan_to(offset{place.value + 1});
}

// ---- segments with chains

topic_read_result segmented_log::read_chained(const topics_question& asked, const active_segment& segment) {
  const auto part = segment.index.part_of(asked.from, segment.summary);
  const auto part_end = part.position + part.size;
  const auto keys = asked.keys();
  std::vector<candidate> candidates;
  bool later = false;
  for (const auto& key : keys) {
    const auto* places = chained_places(asked, segment, key);
    if (places == nullptr) {
      later = true;
      continue;
    }
    if (places->state == topic_places::state::unknown) return scan_to(places->to);
    // Those of the part, of which some are before `from`, and the first one behind it.
    const auto& positions = places->positions;
    auto at = std::lower_bound(positions.begin(), positions.end(), part.position);
    for (bool in_part = true; in_part && at != positions.end(); ++at) {
      in_part = *at < part_end;
      candidates.push_back({*at, at == positions.begin() ? topic_chains::none : *(at - 1), places->low, &key});
    }
  }
  if (later) return answer_later();
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.position < b.position; });
  return first_of(asked, segment, candidates);
}

topic_read_result segmented_log::first_of(const topics_question& asked, const active_segment& segment,
                                          const std::vector<candidate>& candidates) {
  for (const auto& candidate : candidates) {
    const auto found = batch_at(segment, candidate.position);
    if (found.later) return answer_later();
    // Where it leads to was read without a check, so there may be others before it.
    if (!found.batch) return scan_to(segment.index.part_at(candidate.position, segment.summary).end);
    const auto* record = record_at(found.batch, candidate.position - found.position);
    if (record == nullptr || !candidate.is_linked(*record)) {
      // The chain that was followed is not the one that was written.
      return scan_to(keep_unknown(*candidate.key, segment.summary.end, never).to);
    }
    const offset place{found.batch.header().base_offset + record->offset_delta};
    if (place >= committed_) break;
    if (place >= asked.from) return {.batch = found.batch, .to = place};
  }
  return none_below(std::min(segment.summary.end, committed_));
}

// Neither a batch nor later: it cannot be read.
segmented_log::placed_batch segmented_log::batch_at(const active_segment& segment, std::uint32_t position) {
  const auto part = segment.index.part_at(position, segment.summary);
  auto found = chunks_.find_at(part, position);
  if (!found.here) {
    if (!load(segment.summary, segment.data, part)) return {.batch = {}, .position = 0, .later = true};
    found = chunks_.find_at(part, position);
  }
  // A part is read to the beginning of its block.
  const auto begin = found.batch ? found.batch.begin : 0;
  return {.batch = std::move(found.batch), .position = static_cast<std::uint32_t>(part.position) + begin};
}

// Null until the log thread has walked there. What was walked before goes on at its upper end.
topic_places* segmented_log::chained_places(const topics_question& asked, const active_segment& segment,
                                            const places_key& key) {
  const auto part = segment.index.part_of(asked.from, segment.summary);
  const auto low = static_cast<std::uint32_t>(part.position);
  const auto size = static_cast<std::uint32_t>(segment.summary.size);
  auto* known = places_.find(key);
  if (known != nullptr && known->state == topic_places::state::unknown && known->to > asked.from &&
      now_ < known->until) {
    return known;
  }
  if (known != nullptr && (known->state != topic_places::state::chained || known->low > low)) known = nullptr;
  // What is known is enough when one of it is surely behind `from`.
  const bool has_next =
      known != nullptr && !known->positions.empty() && known->positions.back() >= part.position + part.size;
  if (known != nullptr && (known->high == size || has_next)) return known;

  const auto last = segment.chains.last(key.hash);
  const auto walk_to = known != nullptr ? known->high : low;
  result<walked_chain> walked = walked_chain{};
  if (last != topic_chains::none && last >= walk_to) {
    walked = walk_chain(*segment.data, key.hash, last, walk_to, links_at_once, waiting::refused);
  }
  const bool is_far = walked && walked->end == walked_chain::end::far;
  if (is_far || (!walked && walked.error() == errc::would_wait)) {
    walk_later(segment, key, low);
    return nullptr;
  }
  if (!walked) return &keep_unknown(key, segment.summary.end, again_at(walked.error(), now_));
  if (walked->end == walked_chain::end::dense) return &keep_unknown(key, segment.summary.end, never);
  topic_places places;
  if (known != nullptr) places = std::move(*known);
  places.state = topic_places::state::chained;
  places.positions.insert(places.positions.end(), walked->positions.begin(), walked->positions.end());
  if (known == nullptr) places.low = low;
  places.high = size;
  return &places_.keep(key, std::move(places), false);
}

// The segment before is sealed, and its topics are not there yet.
void segmented_log::keep_chains(active_segment&& segment) {
  if (sealing_.size() == sealing_kept) {
    const auto oldest = sealing_.front().summary.first;
    sealing_.erase(sealing_.begin());
    places_.forget(oldest);
  }
  sealing_.push_back(std::move(segment));
}

// They are another way to be found now, or gone.
void segmented_log::forget_topics(offset segment) {
  std::erase_if(sealing_, [&](const auto& one) { return one.summary.first == segment; });
  std::erase_if(opened_topics_, [&](const auto& one) { return one.segment.first == segment; });
  places_.forget(segment);
}

}  // namespace headgate::broker::log
