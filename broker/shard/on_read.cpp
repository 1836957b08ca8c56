#include <algorithm>

#include "broker/shard/matching.hpp"

namespace headgate::broker::shard {

namespace {

// One READ under way: what it has scanned, and the next offset to look at.
struct scan {
  const link::read_request& request;
  link::worker_inbox& inbox;
  record::offset at;
  std::uint32_t bytes = 0;

  bool done() const { return bytes >= request.max_bytes; }
};

// Matches the records of one batch from scan.at on for the worker that asks, until the scan has enough.
void read_batch(shard_state& state, scan& scan, const record::batch_ref& batch) {
  std::array<placed_record, group_size> group;
  std::size_t filled = 0;
  auto& header = batch.header();
  record::for_each_record_while(header, [&](const record::record_header& record) {
    const record::offset place{header.base_offset + record.offset_delta};
    if (!record.has_offset() || place < scan.at) return true;
    ++state.counters.read_records;
    scan.at = record::offset{place.value + 1};
    scan.bytes += record.size;
    group[filled++] = {&record, place};
    if (filled == group_size) {
      match_group_for(state, group, scan.inbox, scan.request.from);
      filled = 0;
    }
    return !scan.done();
  });
  match_group_for(state, {group.data(), filled}, scan.inbox, scan.request.from);

  const auto entries = scan.inbox.take_entries();
  if (entries.entry_count == 0) return;
  scan.inbox.messages.emplace_back(
      link::read_batch{scan.request.client, entries.first_entry, entries.entry_count, header.timestamp_ms});
  scan.inbox.batches.push_back(batch);
}

}  // namespace

void on_read(shard_state& state, const link::read_request& request, inboxes& workers) {
  ++state.counters.reads;
  scan scan{request, *workers[request.from.value], std::max(request.start, state.log.start())};
  const auto lost = scan.at.value - request.start.value;
  do {
    const auto batch = state.log.read(scan.at);
    if (!batch) break;
    read_batch(state, scan, batch);
  } while (!scan.done());
  const bool at_end = scan.at >= state.log.end();
  scan.inbox.messages.emplace_back(link::read_end{request.client, scan.at, lost, at_end});
}

}  // namespace headgate::broker::shard
