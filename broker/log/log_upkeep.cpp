// What a log has the log thread do so that its worker can write: files, offsets and syncs; and what retention takes.
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "broker/log/posting.hpp"
#include "broker/log/segmented_log.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::uint64_t upkeep_every_ms = 1000;
constexpr std::uint64_t slow_sync_ms = 10'000;
// So far the wall clock may gain on the monotonic one: corrections of a clock that is kept are far smaller.
constexpr std::uint64_t jump_ms = 60'000;

}  // namespace

void segmented_log::keep_up(base::instant now) {
  if (now.monotonic < next_upkeep_) return;
  next_upkeep_.value = now.monotonic.value + upkeep_every_ms;
  if (state_ != state::failed) {
    if (end_.value + offsets_per_block / 2 > identity_.reserved) reserve_offsets();
    if (!spare_) prepare_spare();
    const bool is_old =
        active_.summary.size > 0 && now.wall.value > active_.summary.first_time_ms + options_.segment_age_ms;
    if (is_old && spare_ && state_ == state::writing) roll();
  }
  retain(now);
  if (options_.retention.disk_share_percent > 0) look_at_space();
  if (syncing_ && !slow_sync_told_ && now.monotonic.value > sync_began_.value + slow_sync_ms) {
    slow_sync_told_ = true;
    say(base::severity::warning, "log_sync_slow",
        "the disk has not confirmed a write for 10 s: messages wait for their acknowledgement");
  }
}

void segmented_log::reserve_offsets() {
  if (std::exchange(reserving_, true)) return;
  auto next = identity_;
  ++next.generation;
  next.reserved = std::max(end_.value, identity_.reserved) + offsets_per_block;
  post(
      urgency::awaited, [file = identity_file_, next] { return write_identity(*file, next); },
      [this, next](const result<nothing>& written) {
        reserving_ = false;
        reserving_failed_ = !written && written.error() == errc::no_space;
        if (written) {
          identity_ = next;
        } else if (!reserving_failed_) {
          fail("its offsets could not be reserved", written.error());
        }
      });
}

// The file that the next segment will be, made ahead.
void segmented_log::prepare_spare() {
  if (std::exchange(preparing_, true)) return;
  const auto make = [directory = directory_.get()]() -> result<std::shared_ptr<file>> {
    auto made = directory->open(std::string(spare_name), opening::created);
    if (!made) return made.error();
    if (auto synced = directory->sync(); !synced) return synced.error();
    return *made;
  };
  post(urgency::awaited, make, [this](const result<std::shared_ptr<file>>& made) {
    preparing_ = false;
    if (made) {
      spare_ = *made;
      no_spare_told_ = false;
      return;
    }
    // It is tried again each second; until then the active segment grows, if there is one.
    const auto why = "no file can be made, for " + std::string(explain(made.error()));
    if (!active_.data) return become_full(why);
    if (std::exchange(no_spare_told_, true)) return;
    say(base::severity::warning, "log_no_spare", why + ": the segment grows past its size; look at the disk");
  });
}

// Goes on in the spare file, which gets the name of a segment; the one before is sealed.
void segmented_log::roll() {
  auto old = std::exchange(active_, {});
  active_.data = std::move(spare_);
  active_.summary.first = active_.summary.end = written_;
  if (old.data) {
    HEADGATE_ASSERT(old.summary.size > 0);
    sealed_.push_back(old.summary);
    remember({old.summary.first, old.data, old.index});
  }
  preparing_ = true;  // not before the spare file has its name
  // Should the power fail, nothing of the new segment may be there when something of the old one is not: a message
  // would stand behind a hole, and come before those that their publisher sends again.
  settling_ = old.data && options_.commit == commit_policy::disk;
  const auto settle = [directory = directory_.get(), data = old.data, lost = lost_on_device_,
                       name = log_name(written_)]() -> result<nothing> {
    auto settled = directory->rename(std::string(spare_name), name);
    if (settled) settled = directory->sync();
    if (settled && data) settled = data->sync();
    if (!settled) lost->store(true, std::memory_order_relaxed);
    return settled;
  };
  post(urgency::awaited, settle, [this](const result<nothing>& settled) {
    preparing_ = settling_ = false;
    if (!settled) return fail("a segment could not be finished", settled.error());
    prepare_spare();
  });
  if (!old.data) return;
  seal(old.summary, old.data, old.index);
  keep_chains(std::move(old));
}

// Without these files the segment is read through where they would be looked into: slow, and no harm.
void segmented_log::seal(const segment_summary& segment, const std::shared_ptr<file>& data,
                         const segment_index& index) {
  const auto write = [directory = directory_.get(), segment, data, index]() -> result<nothing> {
    auto topics = write_topics(*directory, *data, segment);
    if (!topics) (void)directory->remove(topics_name(segment.first));
    auto written = write_index(*directory, segment, index);
    if (!written) (void)directory->remove(index_name(segment.first));
    if (!topics || !written) return !topics ? topics : written;
    return directory->sync();
  };
  post(urgency::idle, write, [this, first = segment.first](const result<nothing>& written) {
    forget_topics(first);
    if (written) return;
    say(base::severity::warning, "log_not_indexed",
        "what is written beside the segment " + log_name(first) + " could not be, for " +
            std::string(explain(written.error())) + ": it is read through where that would be looked into");
  });
}

// Group commit: one sync at a time, for all that was written before it began.
void segmented_log::sync_if_needed(base::instant now) {
  if (options_.commit != commit_policy::disk || state_ == state::failed) return;
  if (written_ == committed_ || std::exchange(syncing_, true)) return;
  sync_began_ = now.monotonic;
  slow_sync_told_ = false;
  // Of segments sealed meanwhile the log thread has synced the files already, or said that it could not.
  const auto sync = [data = active_.data, lost = lost_on_device_] {
    auto synced = data->sync();
    if (!synced) lost->store(true, std::memory_order_relaxed);
    return synced;
  };
  post(urgency::awaited, sync, [this, through = written_](const result<nothing>& synced) {
    syncing_ = false;
    ++counters_.syncs;
    if (!synced) return fail("it could not be synced", synced.error());
    if (state_ != state::failed) committed_ = std::max(committed_, through);
  });
}

// What a failed write has left behind the last whole batch. Until it is gone, as surely as what is committed is there,
// what was to be written waits.
void segmented_log::cut_active() {
  cutting_ = true;
  const auto cut = [data = active_.data, size = active_.summary.size,
                    synced = options_.commit == commit_policy::disk]() -> result<nothing> {
    auto done = data->truncate(size);
    return done && synced ? data->sync() : done;
  };
  post(urgency::awaited, cut, [this](const result<nothing>& done) {
    cutting_ = false;
    if (!done) fail("what was written in part could not be cut off", done.error());
  });
}

void segmented_log::retain(base::instant now) {
  const auto& wanted = options_.retention;
  const bool ages = wanted.age_ms > 0 && !clock_has_jumped(now);
  const auto may_go = [this] { return !sealed_.empty() && sealed_.front().end <= committed_; };
  const auto is_too_old = [&] { return ages && sealed_.front().last_time_ms + wanted.age_ms < now.wall.value; };
  while (may_go() && (is_too_old() || (wanted.bytes > 0 && bytes() > wanted.bytes))) drop_oldest();
  if (std::exchange(over_share_, false) && may_go()) drop_oldest();
}

// A wall clock that was set ahead would take all segments at once. Until it goes with the monotonic clock again, from
// where both were, nothing is too old.
bool segmented_log::clock_has_jumped(base::instant now) {
  if (last_upkeep_.wall.value != 0) {
    const auto wall = static_cast<std::int64_t>(now.wall.value - last_upkeep_.wall.value);
    const auto monotonic = static_cast<std::int64_t>(now.monotonic.value - last_upkeep_.monotonic.value);
    const auto ahead = static_cast<std::int64_t>(clock_ahead_ms_) + wall - monotonic;
    const bool had_jumped = clock_ahead_ms_ > jump_ms;
    clock_ahead_ms_ = static_cast<std::uint64_t>(std::max<std::int64_t>(ahead, 0));
    if (clock_ahead_ms_ > jump_ms && !had_jumped) {
      say(base::severity::warning, "log_clock_jumped",
          "the clock was set ahead by " + std::to_string(clock_ahead_ms_ / 1000) +
              " s: nothing is dropped for its age until it is set back, or the server is started again");
    }
  }
  last_upkeep_ = now;
  return clock_ahead_ms_ > jump_ms;
}

void segmented_log::drop_oldest() {
  const auto first = sealed_.front().first;
  sealed_.pop_front();
  ++counters_.segments_dropped;
  std::erase_if(open_, [&](const open_segment& open) { return open.first == first; });
  forget_topics(first);
  const auto remove = [directory = directory_.get(), first]() -> result<nothing> {
    for (const auto& name : {log_name(first), topics_name(first)}) {
      if (auto removed = directory->remove(name); !removed) return removed;
    }
    return directory->remove(index_name(first));
  };
  post(urgency::idle, remove, [this, first](const result<nothing>& removed) {
    if (removed) return;
    say(base::severity::warning, "log_not_removed",
        "the segment " + log_name(first) + " is no longer needed and could not be removed, for " +
            std::string(explain(removed.error())) + "; remove it when the server is stopped");
  });
}

void segmented_log::look_at_space() {
  post(
      urgency::idle, [directory = directory_.get()] { return directory->space(); },
      [this](const result<disk_space>& space) {
        if (!space || space->total == 0) return;
        const auto used = space->total - std::min(space->free, space->total);
        over_share_ = used / 100 * 100 > space->total / 100 * options_.retention.disk_share_percent;
      });
}

// Leaves nothing for the next start to read through, and no offset ungiven. All that was posted is done, and the log
// thread no longer used; letters were not run, so what failed just now shows in lost_on_device_ only.
void segmented_log::close_in_order() {
  if (state_ == state::failed || lost_on_device_->load(std::memory_order_relaxed)) return;
  const auto& segment = active_.summary;
  if (segment.size > 0) {
    if (!active_.data->sync()) return;
    if (!write_topics(*directory_, *active_.data, segment)) (void)directory_->remove(topics_name(segment.first));
    if (!write_index(*directory_, segment, active_.index)) return;
  }
  const auto newest = read_identity(*identity_file_);
  if (!newest || !*newest) return;
  identity_.generation = (*newest)->generation + 1;
  identity_.reserved = written_.value;
  identity_.closed = true;
  // When it cannot be written, the next start takes the reserved offsets as given.
  (void)write_identity(*identity_file_, identity_);
}

}  // namespace headgate::broker::log
