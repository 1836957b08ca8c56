#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace headgate::proxy::session {

// sent: no acknowledgement yet. received: PUBREC came, PUBREL was sent (QoS 2). done: acknowledged, or given up, before
// an older one.
enum class inflight_state : std::uint8_t { sent, received, done };

// One message above QoS 0 that was sent and not yet acknowledged.
struct inflight_slot {
  static constexpr std::uint32_t no_group = 0xffff'ffff;

  std::uint64_t offset = 0;
  std::uint32_t group = no_group;  // the filter of the shared subscription that it came by
  std::uint16_t shard = 0;
  inflight_state state = inflight_state::sent;
  std::uint8_t qos : 2 = 1;     // as granted
  std::uint8_t retain : 1 = 0;  // as sent
  std::uint8_t unsent : 1 = 0;  // taken over from an earlier connection: to be sent again
  std::uint8_t leaps : 1 = 0;   // its packet id is that of the next place, and half of all ids further
  std::uint8_t tick : 3 = 0;    // of the gateway's clock for members that are silent, when it was sent
};
static_assert(sizeof(inflight_slot) == 16);

// Lends the arrays of in-flight rings: only clients with something in flight have one. Keeps what is given back, so
// that a steady state allocates nothing. Capacities are powers of two from 16 on. One thread; outlives the rings.
class inflight_pool {
 public:
  static constexpr unsigned smallest_log2 = 4;

  inflight_slot* take(unsigned capacity_log2);
  void give_back(inflight_slot* slots, unsigned capacity_log2);

 private:
  static constexpr unsigned classes = 13;
  std::array<std::vector<std::unique_ptr<inflight_slot[]>>, classes> free_;
};

// What one client was sent and has not acknowledged, in sending order. The packet id of a message follows from its
// place: 1 + (place % 65,535), so neither a map nor a search is needed. Ids go round and are never in use twice,
// because fewer than 32,768 messages are in flight. They may leap once, by 32,768, at one place in the ring; until that
// is reached a search finds it. Invariants: 1. the slots [head, head + count) are in use, the oldest first; 2. the
// oldest is not done, and does not leap; 3. no array is held while count is 0; 4. one slot leaps at most, and if none
// does while `leaps_` is set, the next will.
class inflight_ring {
 public:
  static constexpr std::uint16_t leap = 32'768;

  // In flight, those included that were acknowledged before an older one.
  std::uint16_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  // Of the oldest message, or the next to be given.
  std::uint16_t first_packet_id() const { return static_cast<std::uint16_t>(first_ + 1); }

  // Adds a message and returns its packet id. count() < 32,768.
  std::uint16_t push(inflight_pool& pool, inflight_slot slot);
  // The message with this id that is not done; null when there is none.
  inflight_slot* find(std::uint16_t packet_id);
  // Ends a message that find() gave.
  void finish(inflight_pool& pool, std::uint16_t packet_id);
  // After slots were pushed that are done already: keeps invariant 2.
  void drop_done(inflight_pool& pool);
  // The next message has an id 32,768 further than it would have: those between were given to messages that nobody
  // knows any more, and may be acknowledged late. Not while a leap lies ahead already.
  void leap_ahead();
  // How many messages stand before the leap; nothing without one.
  std::optional<std::uint16_t> before_leap() const;
  // Forgets all.
  void clear(inflight_pool& pool);
  // Forgets all, and goes on with the packet id given (1 to 65,535).
  void restart(inflight_pool& pool, std::uint16_t first_packet_id);

  // Calls visit(slot, packet_id) for each place in sending order.
  template <class Visit>
  void for_each(Visit visit) {
    std::uint32_t leapt = 0;
    for (std::uint32_t n = 0; n < count_; ++n) {
      auto& slot = slots_[(head_ + n) & mask()];
      if (slot.leaps) leapt = leap;
      visit(slot, id_of(n + leapt));
    }
  }

 private:
  void grow(inflight_pool& pool);
  void end_leap();
  std::uint16_t id_of(std::uint32_t place) const { return static_cast<std::uint16_t>(1 + (first_ + place) % 65'535); }
  std::uint32_t mask() const { return (1U << capacity_log2_) - 1; }

  inflight_slot* slots_ = nullptr;
  std::uint16_t first_ = 0;  // of the oldest: its packet id less one
  std::uint16_t head_ = 0;
  std::uint16_t count_ = 0;
  std::uint8_t capacity_log2_ = 0;
  bool leaps_ = false;
};
static_assert(sizeof(inflight_ring) == 16);

}  // namespace headgate::proxy::session
