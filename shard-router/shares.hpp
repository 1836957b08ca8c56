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
// for its surplus, slots − q. One by one, slots go from the cluster with the largest surplus to that with the smallest,
// `changed` being one of the two, until the surpluses no longer come nearer or `changed` has its share.
// 1. Only `changed` receives, or only it gives; the others give or receive in proportion, since their q change so.
// 2. Nobody's s leaves −1 < s < 1, but where 4 says so. That of a cluster that came lies in it always.
// 3. After a first map −1 < s < 1 holds for all, and after a change whenever a choice that obeys 1 can reach it. One
//    can if it held before and the q of each of the others changes by a slot or more: then none of them owns less than
//    its new q, rounded up, when it gives, nor more than that, rounded down, when it receives, so that all the choices
//    between the two are open. Clusters of one weight are in that case, up to 64 of them.
// 4. It can't be reached when more of the others have to give (receive) one than `changed` receives (gives). Say that
//    ten own 11 each with q = 10.01, which rounding allows, and that a newcomer with a share of 0.2 brings q to 9.99:
//    one of them can give. The others stay beyond ±1, by the fraction only, until a change has room for them.
enum class direction : std::uint8_t { receives, gives };
std::vector<std::uint32_t> shares_after(std::span<const share> shares, std::size_t changed, direction direction);

}  // namespace headgate::shard_router
