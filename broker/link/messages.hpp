#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/strong.hpp"
#include "broker/record/block.hpp"

// What a proxy worker and a shard say to each other. In one process these structures are handed over as they are;
// between processes they are to be framed around the same bytes. Each direction keeps its order.
namespace headgate::broker::link {

using base::client_ref;
using base::shard_id;
using base::worker_id;
using record::batch_ref;
using record::offset;
using record::sequence;

// A filter of one proxy worker; the worker chooses the number, and reuses it only after route_withdrawn.
using filter_id = base::strong<struct filter_id_tag, std::uint32_t>;

// ---- from a proxy worker to a shard

struct publish_batch {
  worker_id from;
  batch_ref batch;
};
// The filter's text must live until route_withdrawn. Registering again is allowed: it asks for the shard's end once
// more.
struct register_route {
  worker_id from;
  filter_id filter;
  std::string_view text;
  std::uint32_t request = 0;  // comes back with the answer
};
struct withdraw_route {
  worker_id from;
  filter_id filter;
  std::string_view text;
};
// Asks for the records from an offset on that any of one client's filters matches, for a client that fell behind.
struct read_request {
  worker_id from;
  client_ref client;
  offset start;
  std::span<const std::uint32_t> filters;  // numbers, sorted; they live until the shard has handled the request
  std::uint32_t places = 0;                // the answer ends soon after so many records
  std::uint32_t max_bytes = 0;             // or when so many bytes were scanned; at least one record is
};
using to_shard = std::variant<publish_batch, register_route, withdraw_route, read_request>;

// ---- from a shard to a proxy worker

// One record for the worker, with the worker's filters that matched: ids[first_id, first_id + id_count).
struct stream_entry {
  const record::record_header* record = nullptr;
  offset place;
  std::uint32_t first_id = 0;
  std::uint32_t id_count = 0;
};
struct stream_batch {
  std::uint32_t first_entry = 0;
  std::uint32_t entry_count = 0;
};
// Every record up to this sequence of the worker is committed.
struct appended {
  shard_id shard;
  sequence through;
};
// The first offset not yet delivered: what the filter starts with.
struct route_registered {
  std::uint32_t request = 0;
  offset end;
};
struct route_withdrawn {
  filter_id filter;
};
// A part of the answer to read_request: entries of one batch.
struct read_batch {
  client_ref client;
  std::uint32_t first_entry = 0;
  std::uint32_t entry_count = 0;
  std::uint64_t timestamp_ms = 0;  // of the batch, for message expiry
};
// The answer covers [start, to). `lost` offsets from `start` on were no longer in the log. At the shard's end the
// client is live again from `to` on.
struct read_end {
  client_ref client;
  offset to;
  std::uint64_t lost = 0;
  bool at_end = false;
};
using to_worker = std::variant<stream_batch, appended, route_registered, route_withdrawn, read_batch, read_end>;

// What the shards of a turn have for one proxy worker, in order. Kept from turn to turn, so that it allocates nothing.
struct worker_inbox {
  std::vector<to_worker> messages;
  std::vector<stream_entry> entries;
  std::vector<std::uint32_t> ids;  // filter ids
  std::vector<batch_ref> batches;  // keeps the bytes of `entries` alive
  std::uint32_t covered = 0;       // entries that a message refers to already

  // The entries added since the last message that refers to any.
  stream_batch take_entries() {
    const auto first = std::exchange(covered, static_cast<std::uint32_t>(entries.size()));
    return {first, covered - first};
  }

  void clear() {
    covered = 0;
    messages.clear();
    entries.clear();
    ids.clear();
    batches.clear();
  }
};

}  // namespace headgate::broker::link
