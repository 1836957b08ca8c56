#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

// Records are looked up in groups of this size: first all slots are fetched ahead, then all entries, then they are
// read. With a million topics that is 0.13 instead of 0.32 µs a record (measured).
inline constexpr std::size_t group_size = 16;

// Adds an entry to the inbox of each worker that has a route for the record, and a hit for each shared subscription
// that wants it. The entries of one call stand together at the end of each inbox's `entries`.
void match_group(shard_state& state, std::span<const placed_record> group, inboxes& workers);
// The same for the filters of one client only, by their sorted numbers.
void match_group_for(shard_state& state, std::span<const placed_record> group, link::worker_inbox& inbox,
                     base::worker_id worker, std::span<const std::uint32_t> filters);

}  // namespace headgate::broker::shard
