#include "broker/shard/undone_set.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace headgate::broker::shard {

void undone_set::give(offset place, route holder) {
  HEADGATE_ASSERT(entries_.empty() || entries_.back().place < place);
  entries_.push_back({place, holder});
}

std::optional<undone_set::offset> undone_set::find_returned(offset from) const {
  if (returned_ == 0) return std::nullopt;
  auto at = std::lower_bound(entries_.begin(), entries_.end(), from,
                             [](const entry& entry, offset wanted) { return entry.place < wanted; });
  at = std::find_if(at, entries_.end(), [](const entry& entry) { return entry.state == state::returned; });
  return at == entries_.end() ? std::nullopt : std::optional(at->place);
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

bool undone_set::finish(offset place, route holder) {
  auto* found = find_given(place, holder);
  if (found == nullptr) return false;
  mark_finished(*found);
  return true;
}

bool undone_set::give_back(offset place, route holder) {
  auto* found = find_given(place, holder);
  if (found == nullptr) return false;
  found->state = state::returned;
  ++returned_;
  return true;
}

std::size_t undone_set::give_back_all(route holder) {
  std::size_t count = 0;
  for (auto& entry : entries_) {
    if (entry.state != state::given || entry.holder != holder) continue;
    entry.state = state::returned;
    ++count;
  }
  returned_ += count;
  return count;
}

undone_set::entry* undone_set::find(offset place) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), place,
                                   [](const entry& entry, offset wanted) { return entry.place < wanted; });
  return at != entries_.end() && at->place == place ? &*at : nullptr;
}

undone_set::entry* undone_set::find_given(offset place, route holder) {
  auto* found = find(place);
  return found != nullptr && found->state == state::given && found->holder == holder ? found : nullptr;
}

// A finished entry stays until half of them are: a hole costs nobody more than its own place.
void undone_set::mark_finished(entry& entry) {
  entry.state = state::finished;
  ++finished_;
  if (finished_ * 2 < entries_.size()) return;
  std::erase_if(entries_, [](const undone_set::entry& other) { return other.state == state::finished; });
  finished_ = 0;
}

}  // namespace headgate::broker::shard
