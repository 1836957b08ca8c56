#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/assert.hpp"
#include "base/ids.hpp"
#include "base/mailbox.hpp"
#include "worker/handover/parcel.hpp"
#include "worker/handover/spsc_ring.hpp"

namespace headgate::worker::handover {

// One bit a worker in the masks below.
inline constexpr std::size_t max_workers = 64;
// Parcels under way from one worker to one other: a receiver that is this many turns behind makes the sender stop
// reading its clients.
inline constexpr std::size_t parcels_under_way = 64;

// How the workers of one process hand each other what they have: for each ordered pair a ring of parcels and one that
// brings the emptied ones back, for each receiver a mask of those who sent it something, and a wake-up only when it
// sleeps. No lock; once the parcels have their size, no allocation.
//
// Threads: open(), send(), send_all(), backlog() belong to the thread of worker `from`; receive(), may_sleep(),
// woke_up() to that of worker `self`. Construction and destruction: while no worker runs. The wakers outlive it, and it
// outlives the workers' last calls.
//
// A turn of a worker `me`:
//   may_sleep(me) ? poll(as long as it likes) : poll(0); woke_up(me)
//   receive(me, …)                  always: two workers whose rings are full would wait for each other for ever
//   read clients                    only while backlog(me) is 0
//   fill open(me, other) …; send_all(me)
//
// Invariants: 1. what was put into a pair's parcels arrives in that order, once, and whole parcels at a time. 2. After
// a send() the receiver either finds the parcel before may_sleep() lets it sleep, or its waker is called. 3. A sender
// whose parcel could not go may sleep: it is woken when the receiver has made room. 4. What is in a parcel is released
// by its receiver (clear()), what was never received by the destructor.
class exchange {
 public:
  // One waker a worker, which makes the poll that this worker sleeps in return, from any thread; a call that comes
  // before the poll counts as well. At most max_workers.
  explicit exchange(std::span<base::waker* const> wakers);
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  std::size_t workers() const { return receivers_.size(); }

  // The parcel that is being filled for `to`, who is not `from`. The reference lasts until it is sent.
  parcel& open(base::worker_id from, base::worker_id to) {
    auto& lane = lane_of(from, to);
    if (lane.open == nullptr) lane.open = take_empty(lane);
    return *lane.open;
  }

  // Hands the open parcel over, if there is something in it. False: too many are under way; it stays open, goes on
  // being filled, and counts in backlog() until a later send() succeeds.
  bool send(base::worker_id from, base::worker_id to);
  // To everybody. False: backlog(from) is above 0.
  bool send_all(base::worker_id from);
  // Parcels that could not be sent.
  std::size_t backlog(base::worker_id from) const { return senders_[from.value].backlog; }

  // Calls visit(base::worker_id from, parcel&) for what has come, each sender's in its order and no more than its ring
  // holds, then clears each parcel and gives it back. Returns how many there were. The visitor may open() and send().
  template <class Visit>
  std::size_t receive(base::worker_id self, Visit&& visit) {
    auto& pending = receivers_[self.value].pending;
    if (pending.load(std::memory_order_relaxed) == 0) return 0;
    std::size_t received = 0;
    for (auto senders = pending.exchange(0); senders != 0; senders &= senders - 1) {
      const base::worker_id from{static_cast<std::uint16_t>(std::countr_zero(senders))};
      auto& lane = lane_of(from, self);
      // What comes from now on has its bit set again behind it.
      const auto count = lane.going.size();
      for (std::size_t n = 0; n < count; ++n) {
        visit(from, *lane.going.front());
        give_back_front(lane);
      }
      received += count;
      tell_of_room(lane, from, self);
    }
    return received;
  }

  // The worker has said goodbye, and goes on only until all have: it takes what others sent before. `failed`: it does
  // not even do that. Once more is no harm.
  void leave(base::worker_id from, bool failed = false);
  bool any_failed() const { return failed_.load(std::memory_order_acquire); }
  bool all_left() const { return std::popcount(left_.load(std::memory_order_acquire)) == static_cast<int>(workers()); }

  // Says that the worker is about to sleep in its poll. False: something has come; then it may not. To be followed by
  // woke_up() either way.
  bool may_sleep(base::worker_id self);
  void woke_up(base::worker_id self) { receivers_[self.value].asleep.store(false, std::memory_order_relaxed); }

 private:
  // More than can be under way, open and in the receiver's hands at once: giving back never fails.
  static constexpr std::size_t parcels_of_a_lane = 2 * parcels_under_way;

  // From one worker to one other.
  struct lane {
    spsc_ring<parcel*, parcels_under_way> going;
    spsc_ring<parcel*, parcels_of_a_lane> coming_back;
    std::atomic<bool> waits_for_room{false};
    // The sender's.
    alignas(64) parcel* open = nullptr;
    bool in_backlog = false;
    std::vector<std::unique_ptr<parcel>> all;
  };
  struct alignas(64) receiver {
    std::atomic<std::uint64_t> pending{0};
    std::atomic<bool> asleep{false};
    base::waker* waker = nullptr;
  };
  struct alignas(64) sender {
    std::size_t backlog = 0;
  };

  lane& lane_of(base::worker_id from, base::worker_id to) {
    HEADGATE_ASSERT(from != to);
    return *lanes_[from.value * workers() + to.value];
  }
  static parcel* take_empty(lane& lane);
  static bool push_open(lane& lane);
  static void give_back_front(lane& lane);
  void tell_of_room(lane& lane, base::worker_id from, base::worker_id self);
  void announce(base::worker_id to, base::worker_id from);

  std::atomic<std::uint64_t> left_{0};
  std::atomic<bool> failed_{false};
  std::vector<receiver> receivers_;
  std::vector<sender> senders_;
  std::vector<std::unique_ptr<lane>> lanes_;  // [from * workers + to]; none to oneself
};

}  // namespace headgate::worker::handover
