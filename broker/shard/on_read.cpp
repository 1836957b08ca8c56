#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.hpp"
#include "broker/shard/matching.hpp"

namespace headgate::broker::shard {

namespace {

// One READ under way: what it has scanned, and the next offset to look at.
struct scan {
  const link::read_request& request;
  std::span<const std::uint32_t> filters;
  link::worker_inbox& inbox;
  record::offset at;
  std::uint32_t bytes = 0;
  std::uint32_t found = 0;

  bool done() const { return bytes >= request.max_bytes || found >= request.places; }
};

// Matches the records of one batch from scan.at on, group by group, until the scan has enough. What is logged at QoS 0,
// for the retained store alone, went out live.
void read_batch(shard_state& state, scan& scan, const record::batch_ref& batch) {
  std::array<placed_record, group_size> group;
  std::size_t filled = 0;
  const auto match = [&] {
    const auto before = scan.inbox.entries.size();
    const std::span<const placed_record> records{group.data(), std::exchange(filled, 0)};
    match_group_for(state, records, scan.inbox, scan.request.from, scan.filters);
    scan.found += static_cast<std::uint32_t>(scan.inbox.entries.size() - before);
  };
  auto& header = batch.header();
  record::for_each_record_while(header, [&](const record::record_header& record) {
    const record::offset place{header.base_offset + record.offset_delta};
    if (!record.has_offset() || place < scan.at) return true;
    ++state.counters.read_records;
    scan.at = record::offset{place.value + 1};
    scan.bytes += record.size;
    if (record.qos() > 0 && record.is_message()) group[filled++] = {&record, place};
    if (filled == group_size) match();
    return !scan.done();
  });
  match();

  const auto entries = scan.inbox.take_entries();
  if (entries.count == 0) return;
  scan.inbox.messages.emplace_back(link::read_batch{state.id, scan.request.client, entries.first, entries.count,
                                                    scan.inbox.keep(batch), header.timestamp_ms});
}

// False when the log has nothing to begin with yet. When it stops later, the answer ends there and the client asks on.
bool answer(shard_state& state, const link::read_request& request, std::span<const std::uint32_t> filters,
            inboxes& workers) {
  // The log may have dropped what is not even delivered: that comes on the stream.
  const auto first = std::max(request.start, std::min(state.log.start(), state.delivered));
  scan scan{request, filters, *workers[request.from.value], first};
  while (scan.at < state.delivered) {
    const auto read = state.log.read(scan.at);
    if (read.later && scan.at == first) return false;
    if (read.later) break;
    if (!read.batch || read.batch.header().base_offset >= state.delivered.value) {
      scan.at = state.delivered;  // there is nothing between
      break;
    }
    read_batch(state, scan, read.batch);
    if (scan.done()) break;
  }
  // By now, not when it was asked: streams before this answer are below `to`, those behind it at or above.
  const bool at_end = scan.at >= state.delivered;
  scan.inbox.messages.emplace_back(
      link::read_end{state.id, request.client, scan.at, first.value - request.start.value, at_end});
  return true;
}

}  // namespace

void on_read(shard_state& state, const link::read_request& request, std::span<const std::uint32_t> filters,
             inboxes& workers) {
  ++state.counters.reads;
  if (answer(state, request, filters, workers)) return;
  state.waiting_reads.push_back({request, {filters.begin(), filters.end()}});
}

void run_waiting_reads(shard_state& state, inboxes& workers) {
  for (auto left = std::min(state.waiting_reads.size(), base::log_reads_per_turn); left > 0; --left) {
    auto waiting = std::move(state.waiting_reads.front());
    state.waiting_reads.pop_front();
    if (!answer(state, waiting.request, waiting.filters, workers)) state.waiting_reads.push_back(std::move(waiting));
  }
}

}  // namespace headgate::broker::shard
