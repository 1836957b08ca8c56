#include "base/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace headgate::base {

void latency_histogram::add(std::uint64_t elapsed_us, std::uint64_t count) {
  // 0 to 16 µs: 0; above 16 to 32: 1; and so on.
  const auto sixteenths = elapsed_us == 0 ? 0 : (elapsed_us - 1) / latency_bound_us(0);
  const auto bucket = std::min<std::size_t>(std::bit_width(sixteenths), latency_bounds);
  counts[bucket] += count;
  sum_us += elapsed_us * count;
}

std::uint64_t latency_histogram::total() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace headgate::base
