#pragma once

#include <cstdint>

namespace headgate::base {

// SplitMix64 (Steele, Lea, Flood 2014): numbers that differ, for ids that need not be secret. The seed decides all of
// them, so a simulation can repeat a run.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    auto z = state_ += 0x9e37'79b9'7f4a'7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebULL;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace headgate::base
