// What a log has the log thread do so that its worker can write: files, offsets and syncs; and what retention takes.
#include <algorithm>
#include <utility>

#include "broker/log/posting.hpp"
#include "broker/log/segmented_log.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::uint64_t upkeep_every_ms = 1000;
constexpr std::uint64_t slow_sync_ms = 10'000;

}  // namespace

void segmented_log::keep_up(base::instant now) {
  if (now.monotonic < next_upkeep_) return;
  next_upkeep_.value = now.monotonic.value + upkeep_every_ms;
  if (state_ != state::failed) {
    if (end_.value + offsets_per_block / 2 > identity_.reserved) reserve_offsets();
    if (!spare_) prepare_spare();
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
  post([file = identity_file_, next] { return write_identity(*file, next); },
       [this, next](const result<nothing>& written) {
         reserving_ = false;
         if (written) {
           identity_ = next;
         } else if (written.error() != errc::no_space) {
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
  post(make, [this](const result<std::shared_ptr<file>>& made) {
    preparing_ = false;
    if (made) {
      spare_ = *made;
    } else if (!active_.data) {
      // It is tried again each second, and until then there is nowhere to write.
      refuse_staged();
      if (std::exchange(state_, state::full) != state::full) {
        say(base::severity::error, "log_disk_full",
            "no file can be made, for " + std::string(explain(made.error())) +
                ": messages above QoS 0 are refused until one can; it is tried again each second");
      }
    }
  });
}

// Goes on in the spare file, which gets the name of a segment; the one before is sealed.
void segmented_log::roll() {
  auto old = std::exchange(active_, {});
  active_.data = std::move(spare_);
  active_.summary.first = active_.summary.end = written_;
  if (old.data) {
    sealed_.push_back(old.summary);
    remember({old.summary.first, old.data, old.index});
  }
  preparing_ = true;  // not before the spare file has its name
  struct sealed {
    segment_summary summary;
    segment_index index;
    std::shared_ptr<file> data;
  };
  const sealed sealed{old.summary, std::move(old.index), std::move(old.data)};
  const auto settle = [directory = directory_.get(), old = sealed, name = log_name(written_)]() -> result<nothing> {
    if (auto named = directory->rename(std::string(spare_name), name); !named) return named;
    if (auto synced = directory->sync(); !synced) return synced;
    if (!old.data) return nothing{};
    if (auto synced = old.data->sync(); !synced) return synced;
    // Without them the segment is read through where they would be looked into: slow, and no harm.
    if (!write_topics(*directory, *old.data, old.summary)) (void)directory->remove(topics_name(old.summary.first));
    if (!write_index(*directory, old.summary, old.index)) (void)directory->remove(index_name(old.summary.first));
    return directory->sync();
  };
  post(settle, [this](const result<nothing>& settled) {
    preparing_ = false;
    if (!settled) return fail("a segment could not be finished", settled.error());
    prepare_spare();
  });
}

// Group commit: one sync at a time, for all that was written before it began.
void segmented_log::sync_if_needed(base::instant now) {
  if (options_.commit != commit_policy::disk || state_ == state::failed) return;
  if (written_ == committed_ || std::exchange(syncing_, true)) return;
  sync_began_ = now.monotonic;
  slow_sync_told_ = false;
  // Of segments sealed meanwhile the log thread has synced the files already, or said that it could not.
  post([data = active_.data] { return data->sync(); },
       [this, through = written_](const result<nothing>& synced) {
         syncing_ = false;
         ++counters_.syncs;
         if (!synced) return fail("it could not be synced", synced.error());
         if (state_ != state::failed) committed_ = std::max(committed_, through);
       });
}

// What a failed write has left behind the last whole batch.
void segmented_log::cut_active() {
  cutting_ = true;
  post([data = active_.data, size = active_.summary.size] { return data->truncate(size); },
       [this](const result<nothing>& cut) {
         cutting_ = false;
         if (!cut) fail("what was written in part could not be cut off", cut.error());
       });
}

void segmented_log::retain(base::instant now) {
  const auto& wanted = options_.retention;
  const auto may_go = [this] { return !sealed_.empty() && sealed_.front().end <= committed_; };
  const auto is_too_old = [&] {
    return wanted.age_ms > 0 && sealed_.front().last_time_ms + wanted.age_ms < now.wall.value;
  };
  while (may_go() && (is_too_old() || (wanted.bytes > 0 && bytes() > wanted.bytes))) drop_oldest();
  if (std::exchange(over_share_, false) && may_go()) drop_oldest();
}

void segmented_log::drop_oldest() {
  const auto first = sealed_.front().first;
  sealed_.pop_front();
  ++counters_.segments_dropped;
  std::erase_if(open_, [&](const open_segment& open) { return open.first == first; });
  const auto remove = [directory = directory_.get(), first]() -> result<nothing> {
    for (const auto& name : {log_name(first), topics_name(first)}) {
      if (auto removed = directory->remove(name); !removed) return removed;
    }
    return directory->remove(index_name(first));
  };
  post(remove, [this, first](const result<nothing>& removed) {
    if (removed) return;
    say(base::severity::warning, "log_not_removed",
        "the segment " + log_name(first) + " is no longer needed and could not be removed, for " +
            std::string(explain(removed.error())) + "; remove it when the server is stopped");
  });
}

void segmented_log::look_at_space() {
  post([directory = directory_.get()] { return directory->space(); },
       [this](const result<disk_space>& space) {
         if (!space || space->total == 0) return;
         const auto used = space->total - std::min(space->free, space->total);
         over_share_ = used / 100 * 100 > space->total / 100 * options_.retention.disk_share_percent;
       });
}

// Leaves nothing for the next start to read through, and no offset ungiven.
void segmented_log::close_in_order() {
  if (state_ == state::failed) return;
  if (active_.summary.size > 0) {
    if (!active_.data->sync()) return;
    if (!write_topics(*directory_, *active_.data, active_.summary))
      (void)directory_->remove(topics_name(active_.summary.first));
    if (!write_index(*directory_, active_.summary, active_.index)) return;
  }
  identity_.generation += 2;  // one more may have been written whose letter never came
  identity_.reserved = written_.value;
  identity_.closed = true;
  // When it cannot be written, the next start takes the reserved offsets as given.
  (void)write_identity(*identity_file_, identity_);
}

}  // namespace headgate::broker::log
