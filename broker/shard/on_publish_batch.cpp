#include <algorithm>

#include "broker/shard/matching.hpp"

namespace headgate::broker::shard {

namespace {

void match_all(shard_state& state, record::batch_header& batch, inboxes& workers) {
  std::array<placed_record, group_size> group;
  std::size_t filled = 0;
  record::for_each_record(batch, [&](const record::record_header& record) {
    group[filled++] = {&record, record::offset{batch.base_offset + record.offset_delta}};
    if (filled < group_size) return;
    match_group(state, group, workers);
    filled = 0;
  });
  match_group(state, {group.data(), filled}, workers);
}

}  // namespace

void on_publish_batch(shard_state& state, link::publish_batch&& message, base::wall_ms now, inboxes& workers) {
  auto& batch = message.batch.header();
  ++state.counters.batches;
  state.counters.records += batch.count + batch.passing;
  state.last_timestamp_ms = std::max(state.last_timestamp_ms, now.value);
  batch.base_offset = state.log.end().value;
  batch.timestamp_ms = state.last_timestamp_ms;
  if (batch.count > 0) state.log.append(message.batch);

  match_all(state, batch, workers);
  for (auto* inbox : workers) {
    const auto entries = inbox->take_entries();
    if (entries.entry_count == 0) continue;
    state.counters.entries_out += entries.entry_count;
    inbox->messages.emplace_back(entries);
    inbox->batches.push_back(message.batch);
  }
  if (batch.count > 0) {
    const record::sequence last{batch.first_sequence + batch.count - 1};
    workers[message.from.value]->messages.emplace_back(link::appended{state.id, last});
  }
}

}  // namespace headgate::broker::shard
