#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/strong.hpp"
#include "broker/record/block.hpp"

// What a proxy worker and a shard say to each other. In one process these structures are handed over as they are, also
// from one thread to another; between processes they are to be framed around the same bytes. Each direction keeps its
// order. Texts that a message only points to live until the answer that its comment names.
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

//
// `received_us`, here and in what follows from it: when the worker read the batch's messages, by the fine monotonic
// clock of the process (base::clock). It travels with the batch to tell how long its messages took, and decides
// nothing.
struct publish_batch {
  worker_id from;
  batch_ref batch;
  std::uint64_t received_us = 0;
};
// Registering again is allowed: it asks for the shard's end once more. A filter of the form $share/{name}/{filter}
// makes the worker a member of that group (MQTT 5.0, 4.8.2): `expiry_s` says how long the session that asks lives
// should this process end. The text lives until route_withdrawn.
struct register_route {
  worker_id from;
  filter_id filter;
  std::string_view text;
  std::uint32_t request = 0;   // comes back with the answer
  std::uint32_t expiry_s = 0;  // 0xffffffff: for ever
};
struct withdraw_route {
  worker_id from;
  filter_id filter;
  std::string_view text;
  std::uint32_t linger_s = 0;  // a group without members lives so much longer; 0xffffffff: for ever
};
// Asks for the records above QoS 0, from an offset on, that any of one client's filters matches, for a client that fell
// behind.
struct read_request {
  worker_id from;
  client_ref client;
  offset start;
  std::uint32_t first_filter = 0;  // shard_inbox::filters[first_filter, first_filter + filter_count): numbers, sorted
  std::uint32_t filter_count = 0;
  std::uint32_t places = 0;     // the answer ends soon after so many records
  std::uint32_t max_bytes = 0;  // or when so many bytes were scanned; at least one record is
  // The texts of these filters, when they are few: shard_inbox::texts[first_text, first_text + text_count). They need
  // to live until the message is taken, as that of each registered filter does.
  std::uint32_t first_text = 0;
  std::uint32_t text_count = 0;
};
// Asks for single records by their offsets, for a client that is sent again what it has not acknowledged.
struct fetch_request {
  worker_id from;
  client_ref client;
  std::uint32_t first_place = 0;  // shard_inbox::places[first_place, first_place + place_count): ascending
  std::uint32_t place_count = 0;
};
// Asks for the retained messages that a filter matches and that are older than `below`, in the order of their topics.
// Both texts live until retained_end.
struct retained_request {
  worker_id from;
  std::uint32_t request = 0;  // comes back with the answer
  std::string_view filter;    // without $share/{name}/
  std::string_view after;     // the cursor of the last answer; empty at first
  offset below;
  std::uint32_t places = 0;     // at most so many messages
  std::uint32_t max_bytes = 0;  // the answer ends soon after so many bytes; at least one message is given
};
// The worker has room for so many messages of the group, instead of what it said before. The filter is a registered
// $share one.
struct group_credit {
  worker_id from;
  filter_id filter;
  std::uint32_t places = 0;
  bool asks_anew = false;  // its members or their rights have changed: what it refused before it may take now
};
// A member of the group has gone while others of the worker's stayed, and its session lives on: it may come back within
// so long, here or at another worker. (With the last one withdraw_route says it.)
struct group_away {
  worker_id from;
  filter_id filter;
  std::uint32_t linger_s = 0;  // as in withdraw_route
};
// A message of a group needs no more care: acknowledged, passed into the member's session, or granted QoS 0.
struct group_done {
  worker_id from;
  filter_id filter;
  offset place;
};
// Why a worker does not want a message of a group again, until it asks anew.
enum class group_refusal : std::uint8_t {
  none,     // it does: nobody had room, or its member went before it acknowledged, or somebody has room now
  no_room,  // who may be shown it has no room, others have: it can wait here when no other worker has anybody for it
  nobody,   // none of its members may be shown it, or those that may have too much waiting
};
// A message of a group comes back. Somebody else gets it.
struct group_return {
  worker_id from;
  filter_id filter;
  offset place;
  group_refusal refusal = group_refusal::none;
};
// A message of a group that came as group_message::only_here waits at the worker for a member that may be shown it and
// has no room; it is returned when that has room, or goes.
struct group_held {
  worker_id from;
  filter_id filter;
  offset place;
};
// Asks whether all that the worker sent before has come: whatever anybody sends from the answer on, at any worker, is
// behind that in the shard's order. It does not wait for commits.
struct barrier {
  worker_id from;
  std::uint64_t number = 0;  // comes back with the answer
};
// A QoS 2 message that its publisher will not send again (PUBREL came), or a will that the store has not any more: the
// shard need not know it.
struct forget {
  worker_id from;
  record::exchange exchange;
};
using to_shard =
    std::variant<publish_batch, register_route, withdraw_route, read_request, fetch_request, retained_request,
                 group_credit, group_away, group_done, group_return, group_held, barrier, forget>;

// What one worker has for one shard, in order, with the lists that its messages refer to. Kept from turn to turn, so
// that it allocates nothing.
struct shard_inbox {
  std::vector<to_shard> messages;
  std::vector<std::uint32_t> filters;
  std::vector<std::string_view> texts;
  std::vector<offset> places;

  bool empty() const { return messages.empty(); }
  void clear() {
    messages.clear();
    filters.clear();
    texts.clear();
    places.clear();
  }
};

// ---- from a shard to a proxy worker

// One record for the worker, with the worker's filters that matched: ids[first_id, first_id + id_count).
struct stream_entry {
  const record::record_header* record = nullptr;
  offset place;
  std::uint32_t first_id = 0;
  std::uint32_t id_count = 0;
};
// Entries of one batch: worker_inbox::entries[first_entry, first_entry + entry_count), whose bytes are kept alive by
// worker_inbox::batches[batch].
struct stream_batch {
  shard_id shard;
  std::uint32_t first_entry = 0;
  std::uint32_t entry_count = 0;
  std::uint32_t batch = 0;
  offset to;  // the stream has come so far: everything for this worker below it was sent
  std::uint64_t received_us = 0;
};
// The stream has come so far although nothing below matched. Sent now and then, so that a session's position never
// falls far behind in a log that has nothing for it.
struct stream_progress {
  shard_id shard;
  offset to;
};
// Every record up to this sequence of the worker is committed: those of one more of its batches.
struct appended {
  shard_id shard;
  sequence through;
  std::uint64_t received_us = 0;  // as the batch had it
};
// The records behind those of the last `appended` or `refused`, up to this sequence, are not in the log and never will
// be: it has no room, or has failed.
struct refused {
  shard_id shard;
  sequence through;
};
// The first offset not yet delivered: what the filter starts with.
struct route_registered {
  shard_id shard;
  std::uint32_t request = 0;
  offset end;
  bool nothing_retained = false;  // for certain: no retained message older than `end` matches the filter
};
struct route_withdrawn {
  filter_id filter;
};
// A part of the answer to read_request or fetch_request (there without filters): entries of one batch.
struct read_batch {
  shard_id shard;
  client_ref client;
  std::uint32_t first_entry = 0;
  std::uint32_t entry_count = 0;
  std::uint32_t batch = 0;
  std::uint64_t timestamp_ms = 0;  // of the batch, for message expiry
};
struct fetch_batch {
  shard_id shard;
  client_ref client;
  std::uint32_t first_entry = 0;
  std::uint32_t entry_count = 0;
  std::uint32_t batch = 0;
  std::uint64_t timestamp_ms = 0;
};
// The answer covers [start, to). `lost` offsets from `start` on were no longer in the log. At the shard's end the
// client is live again from `to` on.
struct read_end {
  shard_id shard;
  client_ref client;
  offset to;
  std::uint64_t lost = 0;
  bool at_end = false;
};
// Those offsets that were asked for and did not come are no longer in the log.
struct fetch_end {
  shard_id shard;
  client_ref client;
};
// One retained message.
struct retained_message {
  std::uint32_t request = 0;
  std::uint32_t entry = 0;
  std::uint32_t batch = 0;
  std::uint64_t timestamp_ms = 0;
};
struct retained_end {
  std::uint32_t request = 0;
  std::string cursor;  // ask again with this
  bool done = false;   // there is no more
};
// One message of a group for one of this worker's members: the entry has the group's filter and no other. A record of
// QoS 0 is not tracked: it is neither done nor returned.
struct group_message {
  shard_id shard;
  std::uint32_t entry = 0;
  std::uint32_t batch = 0;
  std::uint64_t timestamp_ms = 0;
  std::uint64_t received_us = 0;  // 0: read from the log
  bool only_here = false;         // no other worker has anybody for it now: answered by no_room never
};
struct barrier_passed {
  shard_id shard;
  std::uint64_t number = 0;
};
using to_worker =
    std::variant<stream_batch, stream_progress, appended, refused, route_registered, route_withdrawn, read_batch,
                 read_end, fetch_batch, fetch_end, retained_message, retained_end, group_message, barrier_passed>;

// What the shards of one worker have for one proxy worker, in order. Kept from turn to turn, so that it allocates
// nothing.
struct worker_inbox {
  std::vector<to_worker> messages;
  std::vector<stream_entry> entries;
  std::vector<std::uint32_t> ids;  // filter ids
  std::vector<batch_ref> batches;  // keeps the bytes of `entries` alive
  std::uint32_t covered = 0;       // entries that a message refers to already

  bool empty() const { return messages.empty(); }

  // The number of entries added since the last message that refers to any, and the first of them.
  struct range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  range take_entries() {
    const auto first = std::exchange(covered, static_cast<std::uint32_t>(entries.size()));
    return {first, covered - first};
  }
  // Keeps the batch alive; returns its number for the messages.
  std::uint32_t keep(const batch_ref& batch) {
    batches.push_back(batch);
    return static_cast<std::uint32_t>(batches.size() - 1);
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
