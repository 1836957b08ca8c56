#pragma once

#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

#include "base/assert.hpp"

namespace headgate::base {

// A first-in-first-out queue in one array that doubles when full and is kept: no allocation once it has its size. One
// thread.
template <class T>
class ring_queue {
 public:
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return tail_ - head_; }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size() - 1]; }
  const T& back() const { return (*this)[size() - 1]; }
  // The n-th from the front.
  T& operator[](std::size_t n) { return slots_[(head_ + n) & (capacity_ - 1)]; }
  const T& operator[](std::size_t n) const { return slots_[(head_ + n) & (capacity_ - 1)]; }

  void push_back(T value) {
    if (size() == capacity_) grow();
    slots_[tail_++ & (capacity_ - 1)] = std::move(value);
  }
  void pop_front() {
    HEADGATE_ASSERT(!empty());
    slots_[head_++ & (capacity_ - 1)] = T{};
  }

 private:
  void grow() {
    const std::size_t capacity = capacity_ == 0 ? 16 : capacity_ * 2;
    auto larger = std::make_unique<T[]>(capacity);
    const auto count = size();
    for (std::size_t n = 0; n < count; ++n) larger[n] = std::move((*this)[n]);
    slots_ = std::move(larger);
    capacity_ = capacity;
    head_ = 0;
    tail_ = count;
  }

  std::unique_ptr<T[]> slots_;
  std::size_t capacity_ = 0;  // a power of two, or 0
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

}  // namespace headgate::base
