#include "proxy/gateway/delivery_arena.hpp"

#include <algorithm>
#include <utility>

namespace headgate::proxy::gateway {

void delivery_arena::next_block(std::size_t size) {
  // A block for an unusually large piece stands before the kept ones, which the rest of the turn goes on with.
  if (block_ == blocks_.size() || blocks_[block_].capacity < size) {
    const auto capacity = std::max(size, base::arena_block_bytes);
    block added{std::make_unique_for_overwrite<std::uint8_t[]>(capacity), capacity};
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(block_), std::move(added));
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
