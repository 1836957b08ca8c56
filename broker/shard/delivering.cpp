#include "broker/shard/delivering.hpp"

#include "base/limits.hpp"
#include "broker/shard/group_dispatch.hpp"
#include "broker/shard/matching.hpp"

namespace headgate::broker::shard {

namespace {

void match_all(shard_state& state, record::batch_header& batch, inboxes& workers) {
  std::array<placed_record, group_size> group;
  std::size_t filled = 0;
  record::for_each_record(batch, [&](const record::record_header& record) {
    if (!record.is_message()) return;
    group[filled++] = {&record, record::offset{batch.base_offset + record.offset_delta}};
    if (record.is_retained()) state.retained_scratch.push_back(group[filled - 1]);
    if (filled < group_size) return;
    match_group(state, group, workers);
    filled = 0;
  });
  match_group(state, {group.data(), filled}, workers);
}

void hand_over_streams(shard_state& state, const undelivered_batch& message, record::offset to, inboxes& workers) {
  if (state.streams.size() < workers.size()) state.streams.resize(workers.size());
  for (std::size_t worker = 0; worker < workers.size(); ++worker) {
    auto& inbox = *workers[worker];
    auto& stream = state.streams[worker];
    const auto entries = inbox.take_entries();
    if (entries.count > 0) {
      state.counters.entries_out += entries.count;
      inbox.messages.emplace_back(link::stream_batch{state.id, entries.first, entries.count, inbox.keep(message.batch),
                                                     to, message.received_us});
      stream.told = to;
    } else if (stream.routes > 0 && to.value - stream.told.value >= base::stream_progress_offsets) {
      inbox.messages.emplace_back(link::stream_progress{state.id, to});
      stream.told = to;
    }
  }
}

// What comes before a store has come so far, or while it has no room, run_retained_replay() reads from the log.
void apply_retained(shard_state& state, const record::batch_ref& batch, record::offset to) {
  const bool is_next = state.retained_given.value == batch.header().base_offset && to > state.retained_given;
  if (is_next && state.retained.has_room()) {
    state.retained.apply(batch, state.retained_scratch, to);
    state.retained_given = to;
  }
  state.retained_scratch.clear();
}

}  // namespace

void deliver(shard_state& state, const undelivered_batch& message, inboxes& workers) {
  auto& batch = message.batch.header();
  const record::offset to{batch.base_offset + batch.count};
  match_all(state, batch, workers);
  state.delivered = to;
  hand_over_streams(state, message, to, workers);
  if (!state.groups.hits.empty()) dispatch_hits(state, message, workers);
  apply_retained(state, message.batch, to);
  if (batch.count > 0 && message.from != nobody) {
    const record::sequence last{batch.first_sequence + batch.count - 1};
    workers[message.from.value]->messages.emplace_back(link::appended{state.id, last, message.received_us});
  }
}

}  // namespace headgate::broker::shard
