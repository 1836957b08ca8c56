#include "net/send_queue.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/assert.hpp"

namespace headgate::net {

// Stands at the beginning of a buffer of the pool; the bytes are behind it.
struct send_queue::block {
  block* next = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t capacity = 0;

  std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(this + 1); }
};

void send_queue::append(buffer_pool& pool, base::bytes data) {
  while (!data.empty()) {
    if (last_ == nullptr || last_->end == last_->capacity) add_block(pool, data.size());
    const auto fits = data.first(std::min<std::size_t>(data.size(), last_->capacity - last_->end));
    std::memcpy(last_->data() + last_->end, fits.data(), fits.size());
    last_->end += static_cast<std::uint32_t>(fits.size());
    size_ += static_cast<std::uint32_t>(fits.size());
    data = data.subspan(fits.size());
  }
}

std::span<const base::bytes> send_queue::first(std::size_t most, std::span<base::bytes> parts) const {
  std::size_t used = 0;
  for (auto* at = first_; at != nullptr && used < parts.size() && most > 0; at = at->next) {
    const auto size = std::min<std::size_t>(at->end - at->begin, most);
    parts[used++] = {at->data() + at->begin, size};
    most -= size;
  }
  return parts.first(used);
}

void send_queue::consume(buffer_pool& pool, std::size_t size) {
  HEADGATE_ASSERT(size <= size_);
  size_ -= static_cast<std::uint32_t>(size);
  while (size > 0) {
    const auto here = std::min<std::size_t>(size, first_->end - first_->begin);
    first_->begin += static_cast<std::uint32_t>(here);
    size -= here;
    if (first_->begin == first_->end) drop_first(pool);
  }
}

void send_queue::clear(buffer_pool& pool) {
  while (first_ != nullptr) drop_first(pool);
  size_ = 0;
}

void send_queue::add_block(buffer_pool& pool, std::size_t size) {
  const auto wanted = std::max<std::size_t>(size, size_) + sizeof(block);
  const auto room = pool.lend(std::min(wanted, buffer_pool::largest_kept));
  auto* added = new (room.data) block;
  added->capacity = room.capacity - static_cast<std::uint32_t>(sizeof(block));
  (last_ == nullptr ? first_ : last_->next) = added;
  last_ = added;
}

void send_queue::drop_first(buffer_pool& pool) {
  auto* dropped = first_;
  first_ = dropped->next;
  if (first_ == nullptr) last_ = nullptr;
  buffer room;
  room.data = reinterpret_cast<std::uint8_t*>(dropped);
  room.capacity = dropped->capacity + static_cast<std::uint32_t>(sizeof(block));
  pool.give_back(room);
}

}  // namespace headgate::net
