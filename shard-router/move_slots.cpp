#include "shard-router/move_slots.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/assert.hpp"
#include "base/hash.hpp"

namespace headgate::shard_router {
namespace {

// A slot that could go to a cluster.
struct candidate {
  std::uint64_t score;
  std::uint16_t slot;
  std::uint8_t to;
};

bool is_before(const candidate& a, const candidate& b) {
  return std::tuple(b.score, a.slot, a.to) < std::tuple(a.score, b.slot, b.to);
}

std::vector<candidate> find_candidates(const owner_table& owners, std::span<const std::string_view> names,
                                       std::span<const std::uint32_t> owned, std::span<const std::uint32_t> wanted) {
  std::vector<candidate> candidates;
  for (std::size_t to = 0; to < names.size(); ++to) {
    if (owned[to] >= wanted[to]) continue;
    for (std::uint16_t i = 0; i < slot_count; ++i) {
      const auto owner = owners[i];
      if (owned[owner] > wanted[owner])
        candidates.push_back({score(names[to], slot{i}), i, static_cast<std::uint8_t>(to)});
    }
  }
  std::ranges::sort(candidates, is_before);
  return candidates;
}

}  // namespace

std::uint64_t score(std::string_view name, slot slot) {
  std::array<char, max_cluster_name_size + 2> text;
  HEADGATE_ASSERT(name.size() <= max_cluster_name_size);
  char* end = std::ranges::copy(name, text.data()).out;
  *end++ = static_cast<char>(slot.value & 0xff);
  *end++ = static_cast<char>(slot.value >> 8);
  return base::hash_of({text.data(), end});
}

std::vector<std::uint32_t> count_slots(const owner_table& owners, std::size_t count) {
  std::vector<std::uint32_t> counts(count);
  for (const auto owner : owners) ++counts[owner];
  return counts;
}

void move_slots(owner_table& owners, std::span<const std::string_view> names, std::span<const std::uint32_t> wanted) {
  auto owned = count_slots(owners, names.size());
  // Nobody who gives receives, so a slot that moved has an owner that has nothing to give. What a pair was refused for
  // stays true, so that after all pairs nobody is left with too many while another has too few.
  for (const candidate& candidate : find_candidates(owners, names, owned, wanted)) {
    auto& owner = owners[candidate.slot];
    if (owned[owner] <= wanted[owner] || owned[candidate.to] >= wanted[candidate.to]) continue;
    --owned[owner];
    ++owned[candidate.to];
    owner = candidate.to;
  }
  HEADGATE_ASSERT(std::ranges::equal(owned, wanted));
}

}  // namespace headgate::shard_router
