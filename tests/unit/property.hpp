#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "base/random.hpp"

namespace headgate::tests {

// The random choices of a property test: the seed decides all of them, so that a failure can be repeated.
class dice {
 public:
  explicit dice(std::uint64_t seed) : random_(seed) {}

  std::uint64_t bits() { return random_.next(); }
  // A number below `end`.
  std::uint32_t below(std::uint64_t end) { return static_cast<std::uint32_t>(random_.next() % end); }
  bool one_in(std::uint32_t count) { return below(count) == 0; }

 private:
  base::random_source random_;
};

// Calls run(dice&) once for each of a few fixed seeds; a failure names its seed.
template <class Run>
void for_each_seed(Run run) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    dice dice(seed);
    run(dice);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace headgate::tests
