#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace headgate::worker::handover {

// A first-in-first-out ring of bounded size from one thread to one other, without a lock. push(), full() belong to the
// one thread; size(), front(), pop() to the other. What a thread did before it pushed is seen by who finds the element,
// and what that one did before pop() is seen by who finds the room.
template <class T, std::size_t Capacity>
class spsc_ring {
  static_assert((Capacity & (Capacity - 1)) == 0, "a power of two");

 public:
  bool full() const {
    return end_.load(std::memory_order_relaxed) - begin_.load(std::memory_order_acquire) == Capacity;
  }
  // False: full, nothing has changed.
  bool push(T value) {
    const auto end = end_.load(std::memory_order_relaxed);
    if (end - begin_.load(std::memory_order_acquire) == Capacity) return false;
    slots_[end % Capacity] = value;
    end_.store(end + 1, std::memory_order_release);
    return true;
  }

  std::size_t size() const { return end_.load(std::memory_order_acquire) - begin_.load(std::memory_order_relaxed); }
  // Only when size() is above 0.
  T front() const { return slots_[begin_.load(std::memory_order_relaxed) % Capacity]; }
  void pop() { begin_.store(begin_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

 private:
  // Each end on a cache line of its own: one thread writes it, the other only looks.
  alignas(64) std::atomic<std::size_t> begin_{0};
  alignas(64) std::atomic<std::size_t> end_{0};
  alignas(64) std::array<T, Capacity> slots_{};
};

}  // namespace headgate::worker::handover
