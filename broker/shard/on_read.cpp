#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.hpp"
#include "broker/shard/matching.hpp"
#include "broker/shard/read_selection.hpp"

namespace headgate::broker::shard {

namespace {

// One READ under way: what it has looked at, and the next offset to look at.
struct scan {
  const link::read_request& request;
  std::span<const std::uint32_t> filters;
  const log::topic_selection_ref& topics;  // null: all is scanned
  link::worker_inbox& inbox;
  record::offset at;
  record::offset scan_to{};     // so far the log knows no shorter way
  std::uint64_t most_cost = 0;  // what is left of the turn's
  std::uint32_t bytes = 0;
  std::uint32_t found = 0;

  std::uint64_t cost() const { return bytes + std::uint64_t{base::log_read_message_bytes} * found; }
  bool done() const { return bytes >= request.max_bytes || found >= request.places || cost() >= most_cost; }
  bool is_by_topic() const { return topics && at >= scan_to; }
};

enum class step : std::uint8_t { goes_on, later };

// Matches the records of one batch from scan.at on, group by group, until the scan has enough. What is logged at QoS 0,
// for the retained store alone, went out live. `only`: of this selection, or null; what else stands in the batch is
// passed over.
void read_batch(shard_state& state, scan& scan, const record::batch_ref& batch, const log::topic_selection* only) {
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
    scan.at = record::offset{place.value + 1};
    if (only != nullptr && !may_want(*only, record.topic_hash)) return true;
    ++state.counters.read_records;
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

// Reads all that stands there, one batch.
step scan_on(shard_state& state, scan& scan) {
  const auto read = state.log.read(scan.at);
  if (read.later) return step::later;
  // There may be nothing between, up to where it is known again what to look at.
  const auto end = scan.topics ? std::min(scan.scan_to, state.delivered) : state.delivered;
  if (!read.batch || read.batch.header().base_offset >= end.value) {
    scan.at = end;
    return step::goes_on;
  }
  read_batch(state, scan, read.batch, nullptr);
  return step::goes_on;
}

// Reads the next batch that has something of the topics, or is told how to go on.
step look_on(shard_state& state, scan& scan) {
  auto next = state.log.read_topics(scan.topics, scan.at);
  if (next.later) return step::later;
  if (next.is_scan) {
    scan.scan_to = next.to;
    return step::goes_on;
  }
  scan.bytes += base::topic_look_bytes;
  if (next.batch && next.to < state.delivered) {
    read_batch(state, scan, next.batch, scan.topics.get());
  } else {
    scan.at = std::min(next.to, state.delivered);
  }
  return step::goes_on;
}

// False when the log has nothing to begin with yet. When it stops later, the answer ends there and the client asks on.
bool answer(shard_state& state, const link::read_request& request, std::span<const std::uint32_t> filters,
            const log::topic_selection_ref& topics, inboxes& workers) {
  // The log may have dropped what is not even delivered: that comes on the stream.
  const auto first = std::max(request.start, std::min(state.log.start(), state.delivered));
  scan scan{request, filters, topics, *workers[request.from.value], first};
  scan.most_cost = state.read_cost_left;
  while (scan.at < state.delivered) {
    const auto outcome = scan.is_by_topic() ? look_on(state, scan) : scan_on(state, scan);
    if (outcome == step::later && scan.at == first) return false;
    if (outcome == step::later || (scan.done() && scan.at > first)) break;
  }
  state.read_cost_left -= std::min(state.read_cost_left, scan.cost());
  // By now, not when it was asked: streams before this answer are below `to`, those behind it at or above.
  const bool at_end = scan.at >= state.delivered;
  scan.inbox.messages.emplace_back(
      link::read_end{state.id, request.client, scan.at, first.value - request.start.value, at_end});
  return true;
}

// What the next turn may read, by what was appended in this one and before.
std::uint64_t cost_of_next_turn(shard_state& state, base::monotonic_ms now) {
  const auto bytes = state.counters.batch_bytes_in;
  const auto appended = bytes - std::exchange(state.bytes_before_turn, bytes);
  if (appended > 0) state.appended_at = now;
  const bool is_quiet = now.value >= state.appended_at.value + base::log_read_quiet_ms;
  if (is_quiet) return base::log_read_bytes_quiet;
  return std::clamp<std::uint64_t>(base::log_read_times_appended * appended, base::log_read_bytes_least,
                                   base::log_read_bytes_per_turn);
}

}  // namespace

void on_read(shard_state& state, const link::read_request& request, std::span<const std::uint32_t> filters,
             std::span<const std::string_view> texts, inboxes& workers) {
  ++state.counters.reads;
  auto topics = make_selection(texts);
  // Those that wait have their turn first.
  const bool has_turn = state.read_cost_left > 0 && state.waiting_reads.empty();
  if (has_turn && answer(state, request, filters, topics, workers)) return;
  state.waiting_reads.push_back({request, {filters.begin(), filters.end()}, std::move(topics)});
}

void run_waiting_reads(shard_state& state, base::monotonic_ms now, inboxes& workers) {
  auto left = std::min(state.waiting_reads.size(), base::log_reads_per_turn);
  for (; left > 0 && state.read_cost_left > 0; --left) {
    auto waiting = std::move(state.waiting_reads.front());
    state.waiting_reads.pop_front();
    if (!answer(state, waiting.request, waiting.filters, waiting.topics, workers))
      state.waiting_reads.push_back(std::move(waiting));
  }
  state.reads_go_on = left > 0;
  state.read_cost_left = cost_of_next_turn(state, now);
}

}  // namespace headgate::broker::shard
