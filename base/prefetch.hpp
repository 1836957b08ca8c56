#pragma once

namespace headgate::base {

// Fetches a cache line ahead. The empty statement behind it keeps GCC from taking a function that only prefetches for
// one without effect, and leaving it out (seen with GCC 12).
inline void prefetch(const void* address) {
  __builtin_prefetch(address);
  asm volatile("");
}

}  // namespace headgate::base
