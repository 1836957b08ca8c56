#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/assert.hpp"

namespace headgate::base {

// Objects numbered from 0 in blocks that never move, so that growing copies nothing and an index is all that others
// keep. One thread. A released number is given out again, the latest first (its memory is warm). Invariants: 1. an
// index given out is below size(); 2. objects stay where they are until the slab is destroyed.
template <class T, std::uint32_t BlockSize = 1024>
class slab {
 public:
  // The object has been used before unless the number is new: the caller gives it its first value.
  std::uint32_t acquire() {
    ++in_use_;
    if (!free_.empty()) {
      const auto index = free_.back();
      free_.pop_back();
      return index;
    }
    if (size_ % BlockSize == 0) blocks_.push_back(std::make_unique<T[]>(BlockSize));
    return size_++;
  }
  void release(std::uint32_t index) {
    HEADGATE_ASSERT(index < size_ && in_use_ > 0);
    --in_use_;
    free_.push_back(index);
  }

  // Makes sure that objects up to `index` exist, for a slab whose numbers another one gives out.
  void cover(std::uint32_t index) {
    while (size_ <= index) {
      if (size_ % BlockSize == 0) blocks_.push_back(std::make_unique<T[]>(BlockSize));
      ++size_;
    }
  }

  T& operator[](std::uint32_t index) { return blocks_[index / BlockSize][index % BlockSize]; }
  const T& operator[](std::uint32_t index) const { return blocks_[index / BlockSize][index % BlockSize]; }
  std::uint32_t size() const { return size_; }
  std::uint32_t in_use() const { return in_use_; }

 private:
  std::vector<std::unique_ptr<T[]>> blocks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t size_ = 0;
  std::uint32_t in_use_ = 0;
};

}  // namespace headgate::base
