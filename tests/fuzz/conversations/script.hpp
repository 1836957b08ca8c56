#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string_view>

#include "base/byte_cursor.hpp"

namespace headgate::fuzz {

// The fuzzer's bytes as a row of decisions. Past their end every decision is the first one, and done() says so.
class script {
 public:
  explicit script(base::bytes data) : at_(data) {}

  bool done() const { return at_.empty(); }
  std::uint8_t byte() { return at_.empty() ? std::uint8_t{0} : at_.read_u8(); }
  std::uint16_t number() { return static_cast<std::uint16_t>(byte() | byte() << 8); }
  // A number below `end`, at most 256.
  std::uint32_t below(std::uint32_t end) { return byte() % end; }
  bool one_in(std::uint32_t count) { return byte() % count == count - 1; }
  template <class Value>
  Value one_of(std::initializer_list<Value> values) {
    return *std::next(values.begin(), byte() % values.size());
  }
  std::string_view text(std::size_t size) {
    return base::as_text(at_.read_bytes(std::min<std::size_t>(size, at_.remaining())));
  }

 private:
  base::byte_cursor at_;
};

}  // namespace headgate::fuzz
