#include "proxy/session/inflight.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace headgate::proxy::session {

namespace {
constexpr std::uint32_t id_count = 65'535;
}

inflight_slot* inflight_pool::take(unsigned capacity_log2) {
  auto& free = free_[capacity_log2 - smallest_log2];
  if (free.empty()) return std::make_unique<inflight_slot[]>(std::size_t{1} << capacity_log2).release();
  auto slots = std::move(free.back());
  free.pop_back();
  return slots.release();
}

void inflight_pool::give_back(inflight_slot* slots, unsigned capacity_log2) {
  free_[capacity_log2 - smallest_log2].emplace_back(slots);
}

std::uint16_t inflight_ring::push(inflight_pool& pool, inflight_slot slot) {
  HEADGATE_ASSERT(count_ < 32'768);
  if (slots_ == nullptr || count_ == mask() + 1) grow(pool);
  if (leaps_ && *before_leap() == count_) slot.leaps = 1;
  slots_[(head_ + count_) & mask()] = slot;
  const std::uint32_t place = count_++;
  return id_of(leaps_ ? place + leap : place);
}

inflight_slot* inflight_ring::find(std::uint16_t packet_id) {
  if (packet_id == 0) return nullptr;
  auto place = (packet_id - 1U + id_count - first_) % id_count;
  if (leaps_) {
    const std::uint32_t before = *before_leap();
    const bool is_before = place < before;
    if (!is_before) place = (place + id_count - leap) % id_count;
    if (!is_before && place < before) return nullptr;
  }
  if (place >= count_) return nullptr;
  auto& slot = slots_[(head_ + place) & mask()];
  return slot.state == inflight_state::done ? nullptr : &slot;
}

void inflight_ring::finish(inflight_pool& pool, std::uint16_t packet_id) {
  auto* slot = find(packet_id);
  HEADGATE_ASSERT(slot != nullptr);
  slot->state = inflight_state::done;
  drop_done(pool);
}

void inflight_ring::drop_done(inflight_pool& pool) {
  while (count_ > 0 && slots_[head_ & mask()].state == inflight_state::done) {
    head_ = static_cast<std::uint16_t>((head_ + 1U) & mask());
    first_ = static_cast<std::uint16_t>((first_ + 1U) % id_count);
    --count_;
    if (count_ > 0 && slots_[head_].leaps) end_leap();
  }
  if (count_ == 0) clear(pool);
}

void inflight_ring::leap_ahead() {
  HEADGATE_ASSERT(!leaps_);
  leaps_ = true;
  if (count_ == 0) end_leap();
}

std::optional<std::uint16_t> inflight_ring::before_leap() const {
  if (!leaps_) return std::nullopt;
  std::uint16_t before = 0;
  while (before < count_ && !slots_[(head_ + before) & mask()].leaps) ++before;
  return before;
}

// The oldest message is behind the leap, or nothing is in flight.
void inflight_ring::end_leap() {
  first_ = static_cast<std::uint16_t>((first_ + leap) % id_count);
  leaps_ = false;
  if (count_ > 0) slots_[head_].leaps = 0;
}

void inflight_ring::restart(inflight_pool& pool, std::uint16_t first_packet_id) {
  HEADGATE_ASSERT(first_packet_id != 0);
  clear(pool);
  first_ = static_cast<std::uint16_t>(first_packet_id - 1U);
}

void inflight_ring::clear(inflight_pool& pool) {
  if (slots_ != nullptr) pool.give_back(slots_, capacity_log2_);
  slots_ = nullptr;
  first_ = static_cast<std::uint16_t>((first_ + std::uint32_t{count_}) % id_count);
  head_ = 0;
  count_ = 0;
  capacity_log2_ = 0;
  if (leaps_) end_leap();
}

void inflight_ring::grow(inflight_pool& pool) {
  const unsigned larger_log2 = slots_ == nullptr ? inflight_pool::smallest_log2 : capacity_log2_ + 1U;
  auto* larger = pool.take(larger_log2);
  for (std::uint32_t n = 0; n < count_; ++n) larger[n] = slots_[(head_ + n) & mask()];
  if (slots_ != nullptr) pool.give_back(slots_, capacity_log2_);
  slots_ = larger;
  head_ = 0;
  capacity_log2_ = static_cast<std::uint8_t>(larger_log2);
}

}  // namespace headgate::proxy::session
