#include "broker/record/batch_builder.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace headgate::broker::record {

namespace {

constexpr std::size_t blocks_looked_at = 4;

std::uint8_t* copy(std::uint8_t* out, base::bytes data) {
  if (!data.empty()) std::memcpy(out, data.data(), data.size());
  return out + data.size();
}

}  // namespace

sequence batch_builder::add(const message& message) {
  const auto size = size_of(message);
  if (open_ == nullptr) open(size);
  HEADGATE_ASSERT(used_ + aligned(size) <= block_->capacity);

  auto* at = block_->bytes.get() + used_;
  // Padding is zero, so that the same records have the same bytes.
  std::memset(at + aligned(size) - alignment, 0, alignment);
  auto& record = *new (at) record_header;
  record.size = static_cast<std::uint32_t>(size);
  record.topic_size = static_cast<std::uint16_t>(message.topic.size());
  record.kind = message.kind;
  record.flags = message.flags;
  record.topic_hash = message.topic_hash;
  record.publisher_hash = message.publisher_hash;
  record.expiry_s = message.expiry_s;
  record.properties_size = static_cast<std::uint32_t>(message.properties.size());
  record.offset_delta = open_->count;
  auto* out = copy(at + sizeof(record_header), base::as_bytes(message.topic));
  out = copy(out, message.properties);
  out = copy(out, message.payload);
  if (message.exchange.nonce != 0) {
    record.flags |= flag_exchange;
    std::memcpy(out, &message.exchange, sizeof(message.exchange));
    ++open_->exchanges;
  }
  used_ += aligned(size);

  if (!record.has_offset()) {
    ++open_->passing;
    return sequence{0};
  }
  ++open_->count;
  return sequence{next_.value++};
}

batch_ref batch_builder::seal() {
  HEADGATE_ASSERT(open_ != nullptr);
  const auto begin = static_cast<std::uint32_t>(reinterpret_cast<std::uint8_t*>(open_) - block_->bytes.get());
  open_->size = static_cast<std::uint32_t>(used_ - begin);
  open_ = nullptr;
  return {block_, begin};
}

void batch_builder::open(std::size_t record_bytes) {
  HEADGATE_ASSERT(open_ == nullptr);
  const auto needed = sizeof(batch_header) + aligned(record_bytes);
  // A block made for what is large is used for that alone: whoever keeps a batch of it keeps all its memory.
  if (block_ && block_->capacity != base::record_block_bytes) block_.reset();
  // Nobody kept a batch of this block (QoS 0 only): its first bytes, still warm, are written again.
  if (block_ && block_.is_alone()) used_ = 0;
  if (!block_ || used_ + needed > block_->capacity) {
    if (block_) written_.push_back(std::move(block_));
    block_ = take_block(needed);
    used_ = 0;
  }
  open_ = new (block_->bytes.get() + used_) batch_header;
  open_->producer = producer_.value;
  open_->first_sequence = next_.value;
  used_ += sizeof(batch_header);
}

// The log drops its oldest batches first, so the oldest block is free first. But one may be kept for longer than those
// behind it, which the log never had, or by a client that waits: it goes behind them, or new ones would be made
// meanwhile without an end. As few as are looked at, at least one in so many of all written blocks is free before
// another is made.
block_ref batch_builder::take_block(std::size_t size) {
  if (size > base::record_block_bytes) return block_ref::make(size);
  for (auto left = std::min(written_.size(), blocks_looked_at); left > 0; --left) {
    auto block = std::move(written_.front());
    written_.pop_front();
    if (block.is_alone()) return block;
    written_.push_back(std::move(block));
  }
  return block_ref::make(base::record_block_bytes);
}

}  // namespace headgate::broker::record
