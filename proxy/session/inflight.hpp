#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace headgate::proxy::session {

// One QoS 1 message sent and not yet acknowledged.
struct inflight_slot {
  std::uint64_t offset = 0;
  std::uint16_t shard = 0;
  bool acknowledged = false;
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
// because fewer than 65,535 messages are in flight. Invariants: 1. the slots [head, head + count) are in use, the
// oldest first; 2. the oldest is not acknowledged; 3. no array is held while count is 0.
class inflight_ring {
 public:
  // In flight, those included that were acknowledged before an older one.
  std::uint16_t count() const { return count_; }
  bool empty() const { return count_ == 0; }

  // Adds a message and returns its packet id. count() < 32,768.
  std::uint16_t push(inflight_pool& pool, inflight_slot slot);
  // False when nothing with this id is in flight.
  bool acknowledge(inflight_pool& pool, std::uint16_t packet_id);
  // Forgets all.
  void clear(inflight_pool& pool);

 private:
  void grow(inflight_pool& pool);
  std::uint32_t mask() const { return (1U << capacity_log2_) - 1; }

  inflight_slot* slots_ = nullptr;
  std::uint16_t first_ = 0;  // of the oldest: its packet id less one
  std::uint16_t head_ = 0;
  std::uint16_t count_ = 0;
  std::uint8_t capacity_log2_ = 0;
};
static_assert(sizeof(inflight_ring) == 16);

}  // namespace headgate::proxy::session
