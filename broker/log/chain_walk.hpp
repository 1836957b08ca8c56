#pragma once

#include <cstdint>
#include <vector>

#include "broker/log/disk.hpp"

namespace headgate::broker::log {

// What a walk along a chain has found.
struct walked_chain {
  enum class end : std::uint8_t {
    whole,  // all from the last one back to `low`
    dense,  // they fill so much of where they stand that reading all of it through is cheaper
    far,    // there are more than was to be walked
  };
  walked_chain::end end = end::whole;
  std::vector<std::uint32_t> positions;  // whole: ascending
};

// Follows the records of a topic hash in a segment (FORMAT.md, previous distance) from the one at `last` back to the
// first at or behind `low`, at most `most` of them. Reads their headers alone, and trusts them only so far that they
// are of this hash: whoever reads the records themselves compares their distances.
result<walked_chain> walk_chain(file& data, std::uint64_t hash, std::uint32_t last, std::uint32_t low, std::size_t most,
                                waiting wait);

}  // namespace headgate::broker::log
