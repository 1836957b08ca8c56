#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace headgate::base {

// Bytes that somebody else owns.
using bytes = std::span<const std::uint8_t>;

inline std::string_view as_text(bytes data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

inline bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace headgate::base
