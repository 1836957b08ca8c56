#include "proxy/gateway/delivery_arena.hpp"

#include <algorithm>

namespace headgate::proxy::gateway {

void delivery_arena::next_block(std::size_t size) {
  // A kept block that is too small for an unusually large piece is left out this turn.
  while (block_ < blocks_.size() && blocks_[block_].capacity < size) ++block_;
  if (block_ == blocks_.size()) {
    const auto capacity = std::max(size, base::arena_block_bytes);
    blocks_.push_back({std::make_unique_for_overwrite<std::uint8_t[]>(capacity), capacity});
  }
  at_ = blocks_[block_].bytes.get();
  end_ = at_ + blocks_[block_].capacity;
  ++block_;
}

void delivery_arena::reset() {
  if (used_ == 0 && extents_.empty()) return;
  // Large pieces are rare: their blocks are not kept.
  std::erase_if(blocks_, [](const block& block) { return block.capacity > base::arena_block_bytes; });
  block_ = 0;
  at_ = end_ = nullptr;
  used_ = 0;
  extents_.clear();
}

}  // namespace headgate::proxy::gateway
