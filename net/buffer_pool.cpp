#include "net/buffer_pool.hpp"

#include <bit>
#include <cstring>

namespace headgate::net {

namespace {
constexpr std::size_t capacity_of_class(std::size_t number) {
  return std::size_t{256} << (2 * number);
}
}  // namespace

// class_count for what is larger than every class.
std::size_t buffer_pool::class_of(std::size_t size) {
  std::size_t number = 0;
  while (number < class_count && capacity_of_class(number) < size) ++number;
  return number;
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
  const auto number = class_of(used + size);
  buffer larger;
  if (number == class_count) {
    larger.capacity = static_cast<std::uint32_t>(std::bit_ceil(used + size));
    larger.data = new std::uint8_t[larger.capacity];
  } else {
    auto& free = free_[number];
    larger.capacity = static_cast<std::uint32_t>(capacity_of_class(number));
    if (free.empty()) {
      larger.data = new std::uint8_t[larger.capacity];
    } else {
      larger.data = free.back().release();
      free.pop_back();
    }
  }
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
