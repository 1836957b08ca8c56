#pragma once

#include <cstdint>

namespace headgate::broker::log {

// Where the records of a selection are more than so large a part of all, reading all of them through, part after part,
// costs less than reading them one by one.
inline constexpr std::uint64_t dense_share = 16;

constexpr bool is_dense(std::uint64_t wanted, std::uint64_t all) {
  return wanted * dense_share > all;
}

}  // namespace headgate::broker::log
