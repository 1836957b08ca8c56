#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace headgate::session_store {

// Appends the fields of FORMAT.md to a string. One thread.
class field_writer {
 public:
  void write_u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  // The highest byte first.
  void write_u64(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) write_u8(static_cast<std::uint8_t>(value >> shift));
  }
  // Seven bits a byte, the lowest first; the highest bit says that another byte follows.
  void write_number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) write_u8(static_cast<std::uint8_t>(value | 0x80));
    write_u8(static_cast<std::uint8_t>(value));
  }
  void write_text(std::string_view text) {
    write_number(text.size());
    out_ += text;
  }
  void write_rest(std::string_view text) { out_ += text; }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace headgate::session_store
