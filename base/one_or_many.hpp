#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <type_traits>

namespace headgate::base {

// A set of small plain things of which there is nearly always one: that one stands inside, more of them on the heap. No
// order. For tables of millions of entries, where a vector costs 24 bytes and an allocation each. One thread.
template <class T>
class one_or_many {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  one_or_many() = default;
  one_or_many(const one_or_many&) = delete;
  one_or_many& operator=(const one_or_many&) = delete;
  ~one_or_many() {
    if (capacity_ > 1) delete[] many_;
  }

  std::span<T> all() { return {capacity_ > 1 ? many_ : &one_, size_}; }
  std::span<const T> all() const { return {capacity_ > 1 ? many_ : &one_, size_}; }
  bool empty() const { return size_ == 0; }

  // Returns its place.
  std::uint32_t add(T added) {
    if (size_ == capacity_) grow();
    (capacity_ > 1 ? many_ : &one_)[size_] = added;
    return size_++;
  }

  // The last one moves to the place that becomes free.
  void remove(std::uint32_t place) {
    const auto present = all();
    present[place] = present.back();
    if (--size_ > 1 || capacity_ == 1) return;
    const auto last = present.front();
    delete[] many_;
    one_ = last;
    capacity_ = 1;
  }

  void clear() {
    if (capacity_ > 1) delete[] many_;
    one_ = T{};
    size_ = 0;
    capacity_ = 1;
  }

 private:
  void grow() {
    const auto present = all();
    auto* larger = new T[capacity_ * 2];
    std::copy(present.begin(), present.end(), larger);
    if (capacity_ > 1) delete[] many_;
    many_ = larger;
    capacity_ *= 2;
  }

  union {
    T one_{};
    T* many_;
  };
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 1;
};

}  // namespace headgate::base
