#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shard-router/slot.hpp"

namespace headgate::shard_router {

// Of one cluster, or of "nobody", which has the slots before the first map and weight 0.
struct share {
  std::uint32_t weight = 0;  // 0: it is to own nothing
  std::uint32_t slots = 0;   // that it owns
  friend bool operator==(share, share) = default;
};

// How many slots each is to own after one of them, `changed`, came or has more weight (it receives), or goes or has
// less (it gives). `shares` hold the weights as they are to be and the slots as they are, slot_count in all; the
// result, in the same order, those to be.
//
// Write q for the exact share of a cluster, slot_count × weight ÷ all weights, which is seldom a whole number, and s
// for its surplus, slots − q. Slots go one by one from the cluster with the largest surplus to that with the smallest,
// as far as `changed` has a part in it, until the surpluses no longer come nearer or `changed` has its share:
// 1. Only `changed` receives, or only it gives. The others give and receive in proportion: that is what their q does.
// 2. −1 < s < 1 holds for `changed` afterwards, and no other falls out of that range towards the far side.
// 3. −1 < s < 1 holds for all after a first map, and after a change whenever any choice with property 1 reaches that:
// this
//    one has the smallest largest surplus (or deficit). It is always reached when all had it before and the q of each
//    of the others changes by a slot or more, as with up to 64 clusters of like weight: a cluster at the wrong side of
//    its old q is not yet beyond its new one then.
// 4. It can't be reached when more clusters stand to have their surplus rounded away than `changed` takes slots: of
// many with
//    q = 10.01 that own 11, when a small newcomer brings q to 9.99, only as many can give as it takes. No rule without
//    knowledge of the changes to come avoids that; s is then over 1 by the fraction, until a later change makes it
//    good.
enum class direction : std::uint8_t { receives, gives };
std::vector<std::uint32_t> shares_after(std::span<const share> shares, std::size_t changed, direction direction);

}  // namespace headgate::shard_router
