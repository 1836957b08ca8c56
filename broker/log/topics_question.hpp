#pragma once

#include <vector>

#include "base/hash.hpp"
#include "broker/log/segmented_log.hpp"

// What those who read by topic and those who find out for them have in common.
namespace headgate::broker::log {

// Parts of topics files up to this size are read by a worker itself, when they are in memory.
inline constexpr std::uint64_t part_bytes_at_once = 64 * 1024;
inline constexpr base::monotonic_ms never{~std::uint64_t{0}};

// When to try once more what could not be found out.
base::monotonic_ms again_at(errc error, base::monotonic_ms now);

inline std::uint64_t records_of(const segment_summary& segment) {
  return segment.end.value - segment.first.value;
}

// The first of the listed records that is at or behind `from`.
std::size_t first_behind(const topic_places& places, const segment_summary& segment, offset from);
// What was looked up, unless there are so many that the segment is better read through.
topic_places listed(looked_up&& found, const segment_summary& segment);

// One question, and the segment that it has come to.
struct segmented_log::topics_question {
  const topic_selection_ref& wanted;
  offset from;
  const segment_summary& segment;

  std::vector<places_key> keys() const {
    if (wanted->matches) return {{segment.first, base::hash_of(wanted->text), wanted->text}};
    std::vector<places_key> all;
    all.reserve(wanted->hashes.size());
    for (const auto hash : wanted->hashes) all.push_back({segment.first, hash, {}});
    return all;
  }
};

}  // namespace headgate::broker::log
