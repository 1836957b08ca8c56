#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace headgate::broker::log {

// CRC-32C (Castagnoli; RFC 3720, 12.1) of bytes that come in parts.
class crc32c {
 public:
  void add(base::bytes part);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = ~std::uint32_t{0};
};

}  // namespace headgate::broker::log
