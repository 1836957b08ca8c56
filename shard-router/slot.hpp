#pragma once

#include <cstdint>

#include "base/strong.hpp"

namespace headgate::shard_router {

// One of 16,384 parts of all topics, fixed for life.
using slot = base::strong<struct slot_tag, std::uint16_t>;
inline constexpr std::uint16_t slot_count = 16'384;

// `routing_key_hash`: base::hash_of() the routing key, which is the topic.
inline slot slot_of(std::uint64_t routing_key_hash) {
  return slot{static_cast<std::uint16_t>(routing_key_hash % slot_count)};
}

}  // namespace headgate::shard_router
