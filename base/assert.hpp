#pragma once

// HEADGATE_ASSERT(condition): for our own bugs only, on in every build. What a peer sends is checked and answered,
// never asserted.
#define HEADGATE_ASSERT(condition) \
  (__builtin_expect(!!(condition), 1) ? (void)0 : ::headgate::base::assertion_failed(#condition, __FILE__, __LINE__))

namespace headgate::base {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace headgate::base
