#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace headgate::base {

// Reads numbers and ranges from bytes of a peer, never past their end. A read that does not fit gives zero or nothing
// and marks the cursor failed for good, so that a decoder may check once, after several reads. Numbers are big-endian,
// as in MQTT. Views point into the bytes given and live as long as those.
class byte_cursor {
 public:
  explicit byte_cursor(bytes data) : at_(data.data()), end_(data.data() + data.size()) {}

  bool failed() const { return failed_; }
  bool empty() const { return at_ == end_; }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

  std::uint8_t read_u8() {
    if (!has(1)) return 0;
    return *at_++;
  }
  std::uint16_t read_u16() {
    if (!has(2)) return 0;
    const auto value = static_cast<std::uint16_t>(at_[0] << 8 | at_[1]);
    at_ += 2;
    return value;
  }
  std::uint32_t read_u32() {
    if (!has(4)) return 0;
    const std::uint32_t high = read_u16();
    return high << 16 | read_u16();
  }
  bytes read_bytes(std::size_t size) {
    if (!has(size)) return {};
    const bytes data{at_, size};
    at_ += size;
    return data;
  }
  bytes read_rest() { return read_bytes(remaining()); }

 private:
  bool has(std::size_t size) {
    if (!failed_ && remaining() >= size) return true;
    failed_ = true;
    at_ = end_;
    return false;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool failed_ = false;
};

}  // namespace headgate::base
