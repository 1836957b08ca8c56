#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"

namespace headgate::net {

// Bytes that wait for their connection: a plain struct, lent and taken back by a buffer_pool.
struct buffer {
  std::uint8_t* data = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t capacity = 0;

  std::uint32_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  base::bytes bytes() const { return {data + begin, data + end}; }
};

// Buffers in size classes, a power of four apart from 256 B to 64 KB; larger ones come from the heap and go back to it.
// Only connections with something unfinished hold one. One thread; outlives its buffers.
class buffer_pool {
 public:
  static constexpr std::size_t largest_kept = 64 * 1024;

  // An empty one with room for `size` bytes.
  buffer lend(std::size_t size);
  // Makes room for `size` more bytes behind `end`, moving what is there.
  void make_room(buffer& buffer, std::size_t size);
  void append(buffer& buffer, base::bytes data);
  void give_back(buffer& buffer);

 private:
  static constexpr std::size_t class_count = 5;
  static constexpr std::size_t kept_per_class = 256;

  static std::size_t class_of(std::size_t size);
  std::array<std::vector<std::unique_ptr<std::uint8_t[]>>, class_count> free_;
};

}  // namespace headgate::net
