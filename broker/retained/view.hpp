#pragma once

#include <cstdint>

namespace headgate::broker::retained {

// What the retained thread counts, since the start: plain numbers.
struct retained_thread_view {
  std::uint64_t batches = 0;     // written
  std::uint64_t questions = 0;   // answered
  std::uint64_t failures = 0;    // writes that failed
  std::uint64_t unreadable = 0;  // values that could not be read or decoded
  bool away = false;
};

}  // namespace headgate::broker::retained
