#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace headgate::base {

// A 64-bit hash that means something in this process alone: its key is drawn when it is made, so that nobody outside
// can look for texts of the same hash. Among a million texts two agree once in 40 million processes. Any thread.
class keyed_hash {
 public:
  keyed_hash();
  std::uint64_t operator()(std::string_view text) const;

 private:
  std::array<std::uint32_t, 48> key_;
};

}  // namespace headgate::base
