#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace headgate::base {

// Upper bounds of the buckets, in microseconds, inclusive: powers of two from 16 µs to 33.6 s, so that finding a bucket
// takes no search. What is longer stands in a last bucket without a bound.
inline constexpr std::size_t latency_bounds = 22;
constexpr std::uint64_t latency_bound_us(std::size_t bucket) {
  return std::uint64_t{16} << bucket;
}

// How long things took. A plain struct of numbers, so that those of several workers can be added (add_counters).
struct latency_histogram {
  std::array<std::uint64_t, latency_bounds + 1> counts{};  // of each bucket alone, not summed up
  std::uint64_t sum_us = 0;

  // `count` things took so long, each.
  void add(std::uint64_t elapsed_us, std::uint64_t count);
  std::uint64_t total() const;
};

}  // namespace headgate::base
