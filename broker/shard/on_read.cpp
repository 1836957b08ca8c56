#include <algorithm>

#include "base/limits.hpp"
#include "broker/shard/matching.hpp"

namespace headgate::broker::shard {

namespace {

// Matches the records of one batch from `from` on for the worker that asks.
void read_batch(shard_state& state, const link::read_request& request, record::offset from,
                const record::batch_ref& batch, link::worker_inbox& inbox) {
  std::array<placed_record, group_size> group;
  std::size_t filled = 0;
  auto& header = batch.header();
  record::for_each_record(header, [&](const record::record_header& record) {
    const record::offset place{header.base_offset + record.offset_delta};
    if (!record.has_offset() || place < from) return;
    ++state.counters.read_records;
    group[filled++] = {&record, place};
    if (filled < group_size) return;
    match_group_for(state, group, inbox, request.from);
    filled = 0;
  });
  match_group_for(state, {group.data(), filled}, inbox, request.from);

  const auto entries = inbox.take_entries();
  if (entries.entry_count == 0) return;
  inbox.messages.emplace_back(
      link::read_batch{request.client, entries.first_entry, entries.entry_count, header.timestamp_ms});
  inbox.batches.push_back(batch);
}

}  // namespace

void on_read(shard_state& state, const link::read_request& request, inboxes& workers) {
  ++state.counters.reads;
  auto& inbox = *workers[request.from.value];
  auto at = std::max(request.start, state.log.start());
  const auto lost = at.value - request.start.value;
  for (std::uint32_t scanned = 0; at < state.log.end() && scanned < base::read_log_bytes;) {
    const auto batch = state.log.read(at);
    const auto& header = batch.header();
    read_batch(state, request, at, batch, inbox);
    at = record::offset{header.base_offset + header.count};
    scanned += header.size;
  }
  inbox.messages.emplace_back(link::read_end{request.client, at, lost, at >= state.log.end()});
}

}  // namespace headgate::broker::shard
