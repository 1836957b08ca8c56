#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace headgate::base {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "headgate: bug: assertion failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace headgate::base
