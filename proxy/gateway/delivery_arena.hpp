#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits.hpp"

namespace headgate::proxy::gateway {

// Bytes of this turn's output that stand one after the other for one client, and the next piece for that client.
struct extent {
  const std::uint8_t* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t next = 0;
};

// Where a turn's output is encoded. Its bytes live until the flush at the turn's end; many clients may share them, and
// what is encoded for one client message after message stands in one piece. Blocks are kept from turn to turn. One
// thread.
class delivery_arena {
 public:
  // Room for `size` bytes in one piece, right behind the last bytes taken where that fits. take() what was written.
  std::uint8_t* reserve(std::size_t size) {
    if (size > static_cast<std::size_t>(end_ - at_)) next_block(size);
    return at_;
  }
  void take(const std::uint8_t* written_to) {
    used_ += static_cast<std::size_t>(written_to - at_);
    at_ += written_to - at_;
  }

  std::uint32_t add_extent(base::bytes data) {
    extents_.push_back({data.data(), static_cast<std::uint32_t>(data.size()), 0xffff'ffff});
    return static_cast<std::uint32_t>(extents_.size() - 1);
  }
  extent& operator[](std::uint32_t index) { return extents_[index]; }

  // Whether so much has gathered that it should be flushed before more is added.
  bool wants_flush() const {
    return used_ >= base::arena_bytes_per_flush || extents_.size() >= base::arena_extents_per_flush;
  }
  // Forgets all; nobody may hold an extent any more.
  void reset();

 private:
  struct block {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t capacity;
  };
  void next_block(std::size_t size);

  std::uint8_t* at_ = nullptr;
  std::uint8_t* end_ = nullptr;
  std::size_t used_ = 0;
  std::size_t block_ = 0;  // blocks in use
  std::vector<block> blocks_;
  std::vector<extent> extents_;
};

}  // namespace headgate::proxy::gateway
