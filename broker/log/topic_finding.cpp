// What a log finds out about topics for those who read them: the worker itself what is in memory, the log thread the
// rest.
#include <algorithm>
#include <utility>

#include "broker/log/chain_walk.hpp"
#include "broker/log/lone_record.hpp"
#include "broker/log/posting.hpp"
#include "broker/log/topic_density.hpp"
#include "broker/log/topics_question.hpp"

namespace headgate::broker::log {

namespace {

// So many may be found out at once, or be found out and not yet asked for again; and of these so many searches through
// all topics of a segment. What is on its way is ahead of a sync that somebody waits for.
constexpr std::size_t look_ups_ahead = 64;
constexpr std::size_t searches_ahead = 4;
// Two descriptors each.
constexpr std::size_t opened_topics_kept = 16;
// What the log thread does in one go.
constexpr std::size_t most_links = 4096;
// What is read ahead for a reader whose records are not in memory; one in any case.
constexpr std::size_t records_ahead = 16;
constexpr std::size_t bytes_ahead = 64 * 1024;
// What the device, or the system, did not give may come after a while.
constexpr std::uint64_t try_again_ms = 10'000;

// Of a larger part of the file reading the segment through costs little more.
std::uint64_t most_part_bytes(const segment_summary& segment) {
  return std::max<std::uint64_t>(part_bytes_at_once, segment.size / dense_share);
}

// Some of the records from `from` on, for who has to wait for the device anyway.
void read_ahead(const opened_topics& opened, topic_places& places, offset from) {
  places.first_ready = first_behind(places, opened.segment, from);
  const auto end = std::min(places.entries.size(), places.first_ready + records_ahead);
  std::size_t bytes = 0;
  for (auto n = places.first_ready; n < end; ++n) {
    auto record = read_lone_record(*opened.data, opened.segment, places.entries[n], waiting::allowed, places.likely);
    places.failed = !record;
    if (!record) return;
    bytes += record->memory->capacity;
    if (bytes > bytes_ahead && !places.ready.empty()) return;
    places.ready.push_back(std::move(*record));
  }
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

}  // namespace

base::monotonic_ms again_at(errc error, base::monotonic_ms now) {
  const bool may_come =
      error != errc::damaged && error != errc::not_found && error != errc::unknown_version && error != errc::too_small;
  return may_come ? base::monotonic_ms{now.value + try_again_ms} : never;
}

std::size_t first_behind(const topic_places& places, const segment_summary& segment, offset from) {
  const auto delta = from.value - segment.first.value;
  const auto at =
      std::lower_bound(places.entries.begin(), places.entries.end(), delta,
                       [](const topic_entry& entry, std::uint64_t value) { return entry.offset_delta < value; });
  return static_cast<std::size_t>(at - places.entries.begin());
}

topic_places listed(looked_up&& found, const segment_summary& segment) {
  topic_places places;
  places.to = segment.end;
  if (found.too_many || is_dense(found.entries.size(), records_of(segment))) return places;
  places.state = topic_places::state::listed;
  places.entries = std::move(found.entries);
  return places;
}

// What the log thread goes through for one selection.
struct segmented_log::running_search {
  topic_selection_ref wanted;  // outlives the search
  std::optional<opened_topics> opened;
  segment_summary segment;
  offset from;
  std::optional<topic_search> search;
  topic_places places;
};

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
    auto places = listed(std::move(*found), segment);
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
    search->places = listed(std::move(search->search->found()), search->segment);
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
