#include "broker/shard/undone_set.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace headgate::broker::shard {

void undone_set::give(offset place, route holder) {
  HEADGATE_ASSERT(entries_.empty() || entries_.back().place < place);
  entries_.push_back({place, holder, state::given, {}});
}

std::optional<undone_set::offset> undone_set::find_returned(offset from) {
  if (returned_ == 0) return std::nullopt;
  const bool is_first = from <= first_returned_;
  if (is_first) from = first_returned_;
  auto at = std::lower_bound(entries_.begin(), entries_.end(), from,
                             [](const entry& entry, offset wanted) { return entry.place < wanted; });
  at = std::find_if(at, entries_.end(), [](const entry& entry) { return entry.state == state::returned; });
  if (at == entries_.end()) return std::nullopt;
  if (is_first) first_returned_ = at->place;
  return at->place;
}

undone_set::refusals undone_set::refusals_of(offset place) {
  const auto* found = find(place);
  HEADGATE_ASSERT(found != nullptr && found->state == state::returned);
  return found->refusals;
}

void undone_set::give_again(offset place, route holder) {
  auto* found = find(place);
  HEADGATE_ASSERT(found != nullptr && found->state == state::returned);
  --returned_;
  found->holder = holder;
  found->state = state::given;
}

void undone_set::drop_returned(offset place) {
  auto* found = find(place);
  HEADGATE_ASSERT(found != nullptr && found->state == state::returned);
  --returned_;
  mark_finished(*found);
}

void undone_set::restore(offset place) {
  give(place, {});
  mark_returned(entries_.back());
}

void undone_set::park(offset place) {
  auto* found = find(place);
  HEADGATE_ASSERT(found != nullptr && found->state == state::returned);
  --returned_;
  ++parked_;
  found->state = state::parked;
}

void undone_set::unpark() {
  for (auto& entry : entries_) {
    if (entry.state == state::parked) mark_returned(entry);
  }
  parked_ = 0;
}

std::size_t undone_set::drop_parked() {
  for (auto& entry : entries_) {
    if (entry.state == state::parked) entry.state = state::finished;
  }
  const auto count = std::exchange(parked_, 0);
  count_finished(count);
  return count;
}

bool undone_set::finish(offset place, route holder) {
  auto* found = find_given(place, holder);
  if (found == nullptr) return false;
  mark_finished(*found);
  return true;
}

bool undone_set::hold(offset place, route holder) {
  auto* found = find_given(place, holder);
  if (found == nullptr) return false;
  if (found->state == state::given) ++held_;
  found->state = state::held;
  return true;
}

bool undone_set::give_back(offset place, route holder, link::group_refusal refusal) {
  auto* found = find_given(place, holder);
  if (found == nullptr) return false;
  mark_returned(*found);
  const auto bit = bit_of(holder.worker);
  auto& refusals = found->refusals;
  refusals.all &= ~bit;
  refusals.no_room &= ~bit;
  if (refusal != link::group_refusal::none) refusals.all |= bit;
  if (refusal == link::group_refusal::no_room) refusals.no_room |= bit;
  any_refused_ |= refusals.all != 0;
  return true;
}

std::size_t undone_set::give_back_all(route holder) {
  std::size_t count = 0;
  for (auto& entry : entries_) {
    if (!entry.is_at(holder)) continue;
    mark_returned(entry);
    ++count;
  }
  return count;
}

void undone_set::forget_refusals(base::worker_id worker) {
  if (!any_refused_) return;
  any_refused_ = false;
  for (auto& entry : entries_) {
    entry.refusals.all &= ~bit_of(worker);
    entry.refusals.no_room &= ~bit_of(worker);
    any_refused_ |= entry.refusals.all != 0;
  }
}

undone_set::entry* undone_set::find(offset place) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), place,
                                   [](const entry& entry, offset wanted) { return entry.place < wanted; });
  return at != entries_.end() && at->place == place ? &*at : nullptr;
}

undone_set::entry* undone_set::find_given(offset place, route holder) {
  auto* found = find(place);
  return found != nullptr && found->is_at(holder) ? found : nullptr;
}

void undone_set::mark_returned(entry& entry) {
  if (entry.state == state::held) --held_;
  entry.state = state::returned;
  if (returned_++ == 0 || entry.place < first_returned_) first_returned_ = entry.place;
}

void undone_set::mark_finished(entry& entry) {
  if (entry.state == state::held) --held_;
  entry.state = state::finished;
  entry.refusals = {};
  count_finished(1);
}

// A finished entry stays until half of them are: a hole costs nobody more than its own place.
void undone_set::count_finished(std::size_t added) {
  finished_ += added;
  if (finished_ * 2 < entries_.size()) return;
  std::erase_if(entries_, [](const undone_set::entry& other) { return other.state == state::finished; });
  finished_ = 0;
}

}  // namespace headgate::broker::shard
