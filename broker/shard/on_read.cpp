#include <algorithm>
#include <array>
#include <utility>

#include "broker/shard/matching.hpp"

namespace headgate::broker::shard {

namespace {

// One READ under way: what it has scanned, and the next offset to look at.
struct scan {
  const link::read_request& request;
  link::worker_inbox& inbox;
  record::offset at;
  std::uint32_t bytes = 0;
  std::uint32_t found = 0;

  bool done() const { return bytes >= request.max_bytes || found >= request.places; }
};

// Matches the records of one batch from scan.at on, group by group, until the scan has enough.
void read_batch(shard_state& state, scan& scan, const record::batch_ref& batch) {
  std::array<placed_record, group_size> group;
  std::size_t filled = 0;
  const auto match = [&] {
    const auto before = scan.inbox.entries.size();
    match_group_for(state, {group.data(), std::exchange(filled, 0)}, scan.inbox, scan.request);
    scan.found += static_cast<std::uint32_t>(scan.inbox.entries.size() - before);
  };
  auto& header = batch.header();
  record::for_each_record_while(header, [&](const record::record_header& record) {
    const record::offset place{header.base_offset + record.offset_delta};
    if (!record.has_offset() || place < scan.at) return true;
    ++state.counters.read_records;
    scan.at = record::offset{place.value + 1};
    scan.bytes += record.size;
    group[filled++] = {&record, place};
    if (filled == group_size) match();
    return !scan.done();
  });
  match();

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
