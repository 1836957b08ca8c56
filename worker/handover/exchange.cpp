#include "worker/handover/exchange.hpp"

namespace headgate::worker::handover {

exchange::exchange(std::span<base::waker* const> wakers) : receivers_(wakers.size()), senders_(wakers.size()) {
  HEADGATE_ASSERT(!wakers.empty() && wakers.size() <= max_workers);
  for (std::size_t n = 0; n < wakers.size(); ++n) receivers_[n].waker = wakers[n];
  lanes_.resize(wakers.size() * wakers.size());
  for (std::size_t n = 0; n < lanes_.size(); ++n) {
    if (n / wakers.size() != n % wakers.size()) lanes_[n] = std::make_unique<lane>();
  }
}

parcel* exchange::take_empty(lane& lane) {
  if (lane.coming_back.size() > 0) {
    auto* parcel = lane.coming_back.front();
    lane.coming_back.pop();
    return parcel;
  }
  lane.all.push_back(std::make_unique<parcel>());
  return lane.all.back().get();
}

bool exchange::send(base::worker_id from, base::worker_id to) {
  auto& lane = lane_of(from, to);
  if (lane.open == nullptr || lane.open->empty()) return true;
  auto& backlog = senders_[from.value].backlog;
  if (!push_open(lane)) {
    if (!lane.in_backlog) ++backlog;
    lane.in_backlog = true;
    return false;
  }
  if (lane.in_backlog) --backlog;
  lane.in_backlog = false;
  announce(to, from);
  return true;
}

// When the ring is full we say that we wait, then look again: either the receiver's exchange in tell_of_room() comes
// after ours and it tells us, or it came before and then we see the room that it had made by then.
bool exchange::push_open(lane& lane) {
  if (!lane.going.push(lane.open)) {
    lane.waits_for_room.exchange(true, std::memory_order_acq_rel);
    if (!lane.going.push(lane.open)) return false;
  }
  lane.open = nullptr;
  return true;
}

bool exchange::send_all(base::worker_id from) {
  for (std::uint16_t to = 0; to < workers(); ++to) {
    if (to != from.value) send(from, base::worker_id{to});
  }
  return backlog(from) == 0;
}

// Given back before it leaves the ring: so a sender that finds room there finds the parcel as well, and never makes
// more of them than can be under way.
void exchange::give_back_front(lane& lane) {
  auto* parcel = lane.going.front();
  parcel->clear();
  const bool given_back = lane.coming_back.push(parcel);
  HEADGATE_ASSERT(given_back);
  lane.going.pop();
}

// The sender may sleep until then, and looks for its turn to send like for something that came.
void exchange::tell_of_room(lane& lane, base::worker_id from, base::worker_id self) {
  if (lane.waits_for_room.exchange(false, std::memory_order_acq_rel)) announce(from, self);
}

// Here and in may_sleep() each side writes its word and then reads the other's, all sequentially consistent: one of the
// two sees what the other wrote, so no wake-up is lost. The exchange makes one call of several who come at once.
void exchange::announce(base::worker_id to, base::worker_id from) {
  auto& receiver = receivers_[to.value];
  receiver.pending.fetch_or(std::uint64_t{1} << from.value);
  if (receiver.asleep.load() && receiver.asleep.exchange(false)) receiver.waker->wake();
}

void exchange::leave(base::worker_id from, bool failed) {
  if (failed) failed_.store(true, std::memory_order_release);
  left_.fetch_or(std::uint64_t{1} << from.value, std::memory_order_acq_rel);
  for (std::size_t n = 0; n < workers(); ++n) {
    if (n != from.value) receivers_[n].waker->wake();
  }
}

bool exchange::may_sleep(base::worker_id self) {
  auto& receiver = receivers_[self.value];
  receiver.asleep.store(true);
  if (receiver.pending.load() == 0) return true;
  receiver.asleep.store(false);
  return false;
}

}  // namespace headgate::worker::handover
