// How a log reads the records of some topics: those of a sealed segment stand in its topics file, each to be read
// alone; those of a segment without it in chains. Whatever is in doubt is answered by a scan.
#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "broker/log/chain_walk.hpp"
#include "broker/log/lone_record.hpp"
#include "broker/log/posting.hpp"
#include "broker/log/segmented_log.hpp"
#include "broker/log/topic_density.hpp"

namespace headgate::broker::log {

namespace {

// So many may be found out at once, or be found out and not yet asked for again; and of these so many searches through
// all topics of a segment. What is on its way is ahead of a sync that somebody waits for.
constexpr std::size_t look_ups_ahead = 64;
constexpr std::size_t searches_ahead = 4;
// Two descriptors each.
constexpr std::size_t opened_topics_kept = 16;
// Sealed segments that wait for their topics file: each keeps the chains of up to a million topics.
constexpr std::size_t sealing_kept = 2;
// What a worker does itself when it is in memory: some ten microseconds.
constexpr std::size_t links_at_once = 64;
constexpr std::uint64_t part_bytes_at_once = 64 * 1024;
// What the log thread does in one go.
constexpr std::size_t most_links = 4096;
// What is read ahead for a reader whose records are not in memory.
constexpr std::size_t records_ahead = 16;
// What the device, or the system, did not give may come after a while.
constexpr std::uint64_t try_again_ms = 10'000;

constexpr base::monotonic_ms never{~std::uint64_t{0}};

// When to try once more what could not be found out.
base::monotonic_ms again_at(errc error, base::monotonic_ms now) {
  const bool may_come =
      error != errc::damaged && error != errc::not_found && error != errc::unknown_version && error != errc::too_small;
  return may_come ? base::monotonic_ms{now.value + try_again_ms} : never;
}

// Of a larger part of the file reading the segment through costs little more.
std::uint64_t most_part_bytes(const segment_summary& segment) {
  return std::max<std::uint64_t>(part_bytes_at_once, segment.size / dense_share);
}

topic_read_result scan_to(offset to) {
  return {.batch = {}, .to = to, .later = false, .is_scan = true};
}
topic_read_result none_below(offset to) {
  return {.batch = {}, .to = to, .later = false, .is_scan = false};
}
topic_read_result answer_later() {
  return {.batch = {}, .to = {}, .later = true, .is_scan = false};
}

std::size_t first_behind(const topic_places& places, const segment_summary& segment, offset from) {
  const auto delta = from.value - segment.first.value;
  const auto at =
      std::lower_bound(places.entries.begin(), places.entries.end(), delta,
                       [](const topic_entry& entry, std::uint64_t value) { return entry.offset_delta < value; });
  return static_cast<std::size_t>(at - places.entries.begin());
}

// Some of the records from `from` on, for who has to wait for the device anyway.
void read_ahead(const opened_topics& opened, topic_places& places, offset from) {
  places.first_ready = first_behind(places, opened.segment, from);
  const auto end = std::min(places.entries.size(), places.first_ready + records_ahead);
  for (auto n = places.first_ready; n < end; ++n) {
    auto record = read_lone_record(*opened.data, opened.segment, places.entries[n], waiting::allowed);
    places.failed = !record;
    if (!record) return;
    places.ready.push_back(std::move(*record));
  }
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

std::optional<opened_topics> copy_of(const opened_topics* opened) {
  return opened == nullptr ? std::nullopt : std::optional(*opened);
}
result<opened_topics> open_unless(const std::optional<opened_topics>& known, directory& directory,
                                  const segment_summary& segment) {
  if (known) return *known;
  return open_topics(directory, segment);
}

// What the log thread has found out, and what it has opened for that.
struct outcome {
  result<topic_places> places;
  std::optional<opened_topics> opened;
};

std::uint64_t records_of(const segment_summary& segment) {
  return segment.end.value - segment.first.value;
}

topic_places places_of(looked_up&& found, const segment_summary& segment) {
  topic_places places;
  places.to = segment.end;
  if (found.too_many || is_dense(found.entries.size(), records_of(segment))) return places;
  places.state = topic_places::state::listed;
  places.entries = std::move(found.entries);
  return places;
}

}  // namespace

// One question, and the segment that it has come to.
struct segmented_log::topics_question {
  const topic_selection_ref& wanted;
  offset from;
  const segment_summary& segment;

  std::vector<places_key> keys() const {
    if (wanted->matches) return {{segment.first, base::hash_of(wanted->text), wanted->text}};
    std::vector<places_key> all;
    all.reserve(wanted->hashes.size());
    for (const auto hash : wanted->hashes) all.push_back({segment.first, hash, {}});
    return all;
  }
};

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

// What the log thread goes through for one selection.
struct segmented_log::running_search {
  topic_selection_ref wanted;  // outlives the search
  std::optional<opened_topics> opened;
  segment_summary segment;
  offset from;
  std::optional<topic_search> search;
  topic_places places;
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
  bool later = false;
  for (const auto& key : asked.keys()) {
    const auto* places = listed_places(asked, key);
    if (places == nullptr) {
      later = true;
      continue;
    }
    if (places->state == topic_places::state::unknown) return scan_to(asked.segment.end);
    wanted += places->entries.size();
    const auto at = first_behind(*places, asked.segment, asked.from);
    if (at == places->entries.size()) continue;
    if (next.entry && next.entry->position <= places->entries[at].position) continue;
    const auto ahead = at - places->first_ready;  // far too many when it is before it
    next = {places->entries[at], key, ahead < places->ready.size() ? places->ready[ahead] : record::batch_ref{},
            places->failed && ahead == places->ready.size()};
  }
  if (later) return answer_later();
  if (!next.entry) return none_below(asked.segment.end);
  if (is_dense(wanted, records_of(asked.segment))) return scan_to(asked.segment.end);
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
  return &places_.keep(key, places_of(std::move(*found), asked.segment), false);
}

// What cannot be read so is in doubt: it may be damaged, or the topics file may lie. That very record is scanned.
topic_read_result segmented_log::read_alone(const topics_question& asked, const places_key& key,
                                            const topic_entry& entry, record::batch_ref ready, bool failed) {
  const offset place{asked.segment.first.value + entry.offset_delta};
  if (place >= committed_) return none_below(committed_);
  if (ready) return {.batch = std::move(ready), .to = place};
  if (!failed) {
    const auto* opened = find_opened(asked.segment.first);
    auto record = opened == nullptr ? result<record::batch_ref>(errc::would_wait)
                                    : read_lone_record(*opened->data, asked.segment, entry, waiting::refused);
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

// ---- what the log thread finds out

topic_places& segmented_log::keep_unknown(const places_key& key, offset to, base::monotonic_ms until) {
  topic_places places;
  places.to = to;
  places.until = until;
  return places_.keep(key, std::move(places), false);
}

opened_topics* segmented_log::find_opened(offset segment) {
  const auto found = std::find_if(opened_topics_.begin(), opened_topics_.end(),
                                  [&](const auto& one) { return one.segment.first == segment; });
  if (found == opened_topics_.end()) return nullptr;
  std::rotate(found, found + 1, opened_topics_.end());
  return &opened_topics_.back();
}

// Who is refused is asked again when one that is under way comes, or in a next turn.
bool segmented_log::may_look(const places_key& key) {
  if (std::find(look_ups_.begin(), look_ups_.end(), key) != look_ups_.end()) return false;
  const bool is_search = !key.text.empty();
  const auto searches =
      std::count_if(look_ups_.begin(), look_ups_.end(), [](const auto& one) { return !one.text.empty(); });
  const bool has_room = look_ups_.size() + places_.awaited() < look_ups_ahead;
  if (has_room && (!is_search || static_cast<std::size_t>(searches) < searches_ahead)) {
    look_ups_.push_back(key);
    return true;
  }
  places_.count_miss();
  if (look_ups_.empty()) surroundings_.letters.post([] {});
  return false;
}

void segmented_log::look_up_later(const topics_question& asked, const places_key& key) {
  if (!may_look(key)) return;
  const auto find = [directory = directory_.get(), segment = asked.segment, from = asked.from, key,
                     known = copy_of(find_opened(key.segment))]() -> outcome {
    auto opened = open_unless(known, *directory, segment);
    if (!opened) return {opened.error(), std::nullopt};
    auto found = look_up_topic(*opened, key.hash, most_part_bytes(segment), waiting::allowed);
    if (!found) return {found.error(), *opened};
    auto places = places_of(std::move(*found), segment);
    read_ahead(*opened, places, from);
    return {std::move(places), *opened};
  };
  post(urgency::awaited, find, [this, key, end = asked.segment.end](const outcome& found) {
    keep_found(key, end, found.places, found.opened);
  });
}

// Where the records stand is known, or was just now; some of them are read for who waits.
void segmented_log::read_ahead_later(const topics_question& asked, const places_key& key) {
  const auto* places = places_.find(key);
  if (places == nullptr) return asked.wanted->matches ? search_later(asked, key) : look_up_later(asked, key);
  if (!may_look(key)) return;
  const auto read = [directory = directory_.get(), segment = asked.segment, from = asked.from, places = *places,
                     known = copy_of(find_opened(key.segment))]() -> outcome {
    auto opened = open_unless(known, *directory, segment);
    if (!opened) return {opened.error(), std::nullopt};
    auto more = places;
    more.ready.clear();
    read_ahead(*opened, more, from);
    return {std::move(more), *opened};
  };
  post(urgency::awaited, read, [this, key, end = asked.segment.end](const outcome& found) {
    keep_found(key, end, found.places, found.opened);
  });
}

void segmented_log::search_later(const topics_question& asked, const places_key& key) {
  if (!may_look(key)) return;
  auto search = std::make_shared<running_search>();
  search->wanted = asked.wanted;
  search->segment = asked.segment;
  search->from = asked.from;
  search->opened = copy_of(find_opened(key.segment));
  search_on(key, search);
}

// A step, and when there is more another one, behind what others wait for.
void segmented_log::search_on(const places_key& key, const std::shared_ptr<running_search>& search) {
  const auto step = [directory = directory_.get(), search]() -> result<bool> {
    auto opened = open_unless(search->opened, *directory, search->segment);
    if (!opened) return opened.error();
    search->opened = std::move(*opened);
    if (!search->search) search->search.emplace(*search->opened, search->wanted->matches);
    const auto done = search->search->step();
    if (!done || !*done) return done;
    search->places = places_of(std::move(search->search->found()), search->segment);
    read_ahead(*search->opened, search->places, search->from);
    return true;
  };
  post(urgency::awaited, step, [this, key, search](const result<bool>& done) {
    if (done && !*done) return search_on(key, search);
    const auto found = done ? result<topic_places>(std::move(search->places)) : result<topic_places>(done.error());
    keep_found(key, search->segment.end, found, search->opened);
  });
}

void segmented_log::walk_later(const active_segment& segment, const places_key& key, std::uint32_t low) {
  if (!may_look(key)) return;
  const auto last = segment.chains.last(key.hash);
  const auto walk = [data = segment.data, key, last, low, size = segment.summary.size,
                     end = segment.summary.end]() -> result<topic_places> {
    auto walked = walk_chain(*data, key.hash, last, low, most_links, waiting::allowed);
    if (!walked) return walked.error();
    topic_places places;
    places.to = end;
    if (walked->end != walked_chain::end::whole) return places;
    places.state = topic_places::state::chained;
    places.positions = std::move(walked->positions);
    places.low = low;
    places.high = static_cast<std::uint32_t>(size);
    return places;
  };
  post(urgency::awaited, walk, [this, key, end = segment.summary.end](const result<topic_places>& found) {
    keep_found(key, end, found, std::nullopt);
  });
}

// What cannot be found out so is read through.
void segmented_log::keep_found(const places_key& key, offset end, const result<topic_places>& found,
                               const std::optional<opened_topics>& opened) {
  std::erase(look_ups_, key);
  if (key.segment < start()) return;  // gone meanwhile
  if (opened && find_opened(key.segment) == nullptr) {
    if (opened_topics_.size() == opened_topics_kept) opened_topics_.erase(opened_topics_.begin());
    opened_topics_.push_back(*opened);
  }
  if (found) {
    places_.keep(key, topic_places(*found), true);
    return;
  }
  topic_places unknown;
  unknown.to = end;
  unknown.until = again_at(found.error(), now_);
  places_.keep(key, std::move(unknown), true);
}

}  // namespace headgate::broker::log
