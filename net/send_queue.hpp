#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "net/buffer_pool.hpp"

namespace headgate::net {

// Bytes that wait for a socket, in the order in which they came. They lie in a chain of blocks from one buffer_pool,
// and stay where they are: a single buffer that grows would be copied again and again into memory that is new (turns
// of up to a millisecond at a megabyte, measured). A block is as large as what waits before it, up to 64 KB: little
// that waits holds little, and much has few parts.
//
// Threads: one. Lifetime: a plain struct, so that an idle connection is small; whoever owns it clears it, and gives it
// the same pool each time, which outlives it. Empty, it holds no block.
class send_queue {
 public:
  bool empty() const { return size_ == 0; }
  std::uint32_t size() const { return size_; }

  void append(buffer_pool& pool, base::bytes data);
  // The first bytes, `most` of them or as many as these parts can name; returns the parts that are used. They are valid
  // until the next call that is not const.
  std::span<const base::bytes> first(std::size_t most, std::span<base::bytes> parts) const;
  void consume(buffer_pool& pool, std::size_t size);
  void clear(buffer_pool& pool);

 private:
  struct block;

  void add_block(buffer_pool& pool, std::size_t size);
  void drop_first(buffer_pool& pool);

  block* first_ = nullptr;
  block* last_ = nullptr;
  std::uint32_t size_ = 0;
};

}  // namespace headgate::net
