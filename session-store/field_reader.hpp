#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_cursor.hpp"
#include "session-store/session_record.hpp"

namespace headgate::session_store {

// Reads the fields of FORMAT.md from bytes that nobody vouches for. The first error stays and every later read gives
// zero or nothing, so that a decoder may check after several reads; loops check in every turn. One thread.
class field_reader {
 public:
  explicit field_reader(base::bytes data) : cursor_(data) {}

  bool failed() const { return error_.has_value(); }
  std::optional<errc> error() const { return error_; }
  bool empty() const { return cursor_.empty(); }
  // For a value that was read, but cannot be.
  void refuse() {
    if (!error_) error_ = errc::value_invalid;
  }

  std::uint8_t read_u8() {
    const auto value = failed() ? std::uint8_t{0} : cursor_.read_u8();
    return checked(value);
  }
  std::uint8_t read_flags(std::uint8_t known) {
    const auto flags = read_u8();
    if ((flags & ~known) != 0) refuse();
    return failed() ? std::uint8_t{0} : flags;
  }
  std::uint64_t read_u64() {
    std::uint64_t value = 0;
    for (int n = 0; n < 8; ++n) value = value << 8 | read_u8();
    return failed() ? 0 : value;
  }
  // In its shortest form and at most `max`.
  std::uint64_t read_number(std::uint64_t max) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = read_u8();
      if (failed()) return 0;
      if (shift == 63 && byte > 1) break;
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if ((byte == 0 && shift > 0) || value > max) break;
      return value;
    }
    refuse();
    return 0;
  }
  // A number of elements of at least `least_bytes` each, all of which the bytes left can hold.
  std::size_t read_count(std::size_t max, std::size_t least_bytes) {
    const auto count = read_number(max);
    if (!failed() && count > cursor_.remaining() / least_bytes) error_ = errc::truncated;
    return failed() ? 0 : static_cast<std::size_t>(count);
  }
  std::string read_text(std::size_t max) {
    const auto size = read_number(max);
    return failed() ? std::string() : read_text_of(static_cast<std::size_t>(size));
  }
  std::string read_rest() { return failed() ? std::string() : read_text_of(cursor_.remaining()); }

 private:
  std::string read_text_of(std::size_t size) { return std::string(checked(base::as_text(cursor_.read_bytes(size)))); }
  template <class Value>
  Value checked(Value value) {
    if (!error_ && cursor_.failed()) error_ = errc::truncated;
    return failed() ? Value{} : value;
  }

  base::byte_cursor cursor_;
  std::optional<errc> error_;
};

}  // namespace headgate::session_store
