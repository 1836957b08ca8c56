#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

// Records are looked up in groups of this size: first all slots are fetched ahead, then all entries, then they are
// read. With a million topics that is 0.13 instead of 0.32 µs a record (measured).
inline constexpr std::size_t group_size = 16;

struct placed_record {
  const record::record_header* record = nullptr;
  record::offset place;
};

// Adds an entry to the inbox of each worker that has a route for the record. The entries of one call stand together at
// the end of each inbox's `entries`.
void match_group(shard_state& state, std::span<const placed_record> group, inboxes& workers);
// The same for the filters of one client only.
void match_group_for(shard_state& state, std::span<const placed_record> group, link::worker_inbox& inbox,
                     const link::read_request& request);

}  // namespace headgate::broker::shard
