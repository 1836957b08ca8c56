#pragma once

#include <cstdint>

namespace headgate::session_store::embedded {

// What the store thread counts, since the start: plain numbers.
struct store_thread_view {
  std::uint64_t jobs = 0;
  std::uint64_t batches = 0;     // written
  std::uint64_t failures = 0;    // writes that failed
  std::uint64_t unreadable = 0;  // stored values that could not be decoded
  std::uint64_t waiting = 0;     // jobs that wait for a store that is away; a gauge
  std::uint64_t away = 0;        // 1: the store is away; a gauge
};

}  // namespace headgate::session_store::embedded
