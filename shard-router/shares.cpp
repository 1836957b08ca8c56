#include "shard-router/shares.hpp"

#include <numeric>

#include "base/assert.hpp"

namespace headgate::shard_router {
namespace {

// In units of 1 ÷ all weights of a slot, so that all is exact: at most slot_count × 64 clusters × 1,000.
using surplus = std::int64_t;

// The place of the smallest (sign 1) or largest (sign -1) surplus among all but `changed`; of equals the first.
std::size_t extreme(std::span<const surplus> surpluses, std::size_t changed, int sign) {
  std::size_t found = changed;
  for (std::size_t i = 0; i < surpluses.size(); ++i) {
    if (i == changed) continue;
    if (found == changed || sign * surpluses[i] < sign * surpluses[found]) found = i;
  }
  return found;
}

}  // namespace

std::vector<std::uint32_t> shares_after(std::span<const share> shares, std::size_t changed, direction direction) {
  surplus one = 0;  // slot
  for (const share& share : shares) one += share.weight;
  HEADGATE_ASSERT(one > 0);
  std::vector<surplus> surpluses;
  for (const share& share : shares) surpluses.push_back(share.slots * one - std::int64_t{slot_count} * share.weight);

  std::vector<std::uint32_t> slots;
  for (const share& share : shares) slots.push_back(share.slots);
  const int sign = direction == direction::gives ? 1 : -1;
  while (sign * surpluses[changed] > 0) {
    const std::size_t other = extreme(surpluses, changed, sign);
    if (other == changed || sign * (surpluses[changed] - surpluses[other]) <= one) break;
    surpluses[changed] -= sign * one;
    surpluses[other] += sign * one;
    slots[changed] -= static_cast<std::uint32_t>(sign);
    slots[other] += static_cast<std::uint32_t>(sign);
  }
  return slots;
}

}  // namespace headgate::shard_router
