#pragma once

#include <cstdint>

namespace headgate::session_store {

// What a store of sessions counts: plain numbers.
struct store_view {
  std::uint64_t held = 0;      // sessions with a connection; a gauge
  std::uint64_t kept = 0;      // sessions without one; a gauge
  std::uint64_t not_kept = 0;  // ended with their connection because the store was full
};

}  // namespace headgate::session_store
