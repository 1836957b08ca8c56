#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "broker/record/layout.hpp"

namespace headgate::broker::record {

// Memory that holds whole batches one after the other. Written by its builder; bytes of a sealed batch are changed only
// by the shard that assigns its offsets, before it shows the batch to anyone.
struct block {
  explicit block(std::size_t size) : bytes(std::make_unique_for_overwrite<std::uint8_t[]>(size)), capacity(size) {}
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t capacity;
  std::atomic<std::uint32_t> references{0};  // of block_ref alone
  std::uint32_t logged = 0;  // batches of it in the log of its shard: a builder is of one shard, whose worker counts
};

// Keeps a block alive; the last one frees it. The block itself may be shared by threads, one block_ref may not: every
// thread has its own copy.
class block_ref {
 public:
  block_ref() = default;
  static block_ref make(std::size_t size) { return block_ref(new block(size)); }
  block_ref(const block_ref& other) : block_(other.block_) {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  block_ref(block_ref&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  block_ref& operator=(block_ref other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~block_ref() { reset(); }

  void reset() {
    auto* const held = std::exchange(block_, nullptr);
    if (held == nullptr) return;
    // Whoever frees the block, or writes it again (is_alone), comes after all that others did with its bytes. Nobody
    // can copy a reference that is the only one, so that one needs no exchange.
    if (held->references.load(std::memory_order_acquire) == 1 ||
        held->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete held;
    }
  }

  // Whether nobody else refers to the block: then its bytes may be written again, for what others read of it was read.
  bool is_alone() const { return block_->references.load(std::memory_order_acquire) == 1; }

  block* get() const { return block_; }
  block* operator->() const { return block_; }
  explicit operator bool() const { return block_ != nullptr; }
  friend bool operator==(const block_ref&, const block_ref&) = default;

 private:
  explicit block_ref(block* made) : block_(made) { made->references.store(1, std::memory_order_relaxed); }

  block* block_ = nullptr;
};

// A sealed batch. Copies share the block and keep it alive: one reference count a batch, never one a record.
struct batch_ref {
  block_ref memory;
  std::uint32_t begin = 0;

  explicit operator bool() const { return static_cast<bool>(memory); }
  batch_header& header() const { return *reinterpret_cast<batch_header*>(memory->bytes.get() + begin); }
};

}  // namespace headgate::broker::record
