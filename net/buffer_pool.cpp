#include "net/buffer_pool.hpp"

#include <bit>
#include <cstring>

namespace headgate::net {

namespace {
constexpr std::size_t capacity_of_class(std::size_t number) {
  return std::size_t{256} << (2 * number);
}
static_assert(buffer_pool::largest_kept == capacity_of_class(4));
}  // namespace

// class_count for what is larger than every class.
std::size_t buffer_pool::class_of(std::size_t size) {
  std::size_t number = 0;
  while (number < class_count && capacity_of_class(number) < size) ++number;
  return number;
}

buffer buffer_pool::lend(std::size_t size) {
  const auto number = class_of(size);
  buffer lent;
  if (number == class_count) {
    lent.capacity = static_cast<std::uint32_t>(std::bit_ceil(size));
    lent.data = new std::uint8_t[lent.capacity];
    return lent;
  }
  auto& free = free_[number];
  lent.capacity = static_cast<std::uint32_t>(capacity_of_class(number));
  if (free.empty()) {
    lent.data = new std::uint8_t[lent.capacity];
  } else {
    lent.data = free.back().release();
    free.pop_back();
  }
  return lent;
}

void buffer_pool::make_room(buffer& present, std::size_t size) {
  if (present.capacity - present.end >= size) return;
  const auto used = present.size();
  if (used + size <= present.capacity && present.begin >= present.capacity / 2) {
    std::memmove(present.data, present.data + present.begin, used);
    present.begin = 0;
    present.end = used;
    return;
  }
  auto larger = lend(used + size);
  if (used > 0) std::memcpy(larger.data, present.data + present.begin, used);
  larger.end = used;
  give_back(present);
  present = larger;
}

void buffer_pool::append(buffer& buffer, base::bytes data) {
  if (data.empty()) return;
  make_room(buffer, data.size());
  std::memcpy(buffer.data + buffer.end, data.data(), data.size());
  buffer.end += static_cast<std::uint32_t>(data.size());
}

void buffer_pool::give_back(buffer& buffer) {
  std::unique_ptr<std::uint8_t[]> data(buffer.data);
  const auto number = class_of(buffer.capacity);
  if (data && number < class_count && free_[number].size() < kept_per_class) free_[number].push_back(std::move(data));
  buffer = {};
}

}  // namespace headgate::net
