#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace headgate::base {

// Adds the counters of one worker or shard to a sum. `View` is a plain struct of std::uint64_t and nothing else.
template <class View>
void add_counters(View& sum, const View& part) {
  static_assert(std::is_trivially_copyable_v<View> && std::has_unique_object_representations_v<View>);
  static_assert(sizeof(View) % sizeof(std::uint64_t) == 0 && alignof(View) == alignof(std::uint64_t));
  using numbers = std::array<std::uint64_t, sizeof(View) / sizeof(std::uint64_t)>;
  auto total = std::bit_cast<numbers>(sum);
  const auto added = std::bit_cast<numbers>(part);
  for (std::size_t n = 0; n < total.size(); ++n) total[n] += added[n];
  sum = std::bit_cast<View>(total);
}

}  // namespace headgate::base
