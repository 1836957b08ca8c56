#include "broker/shard/delivering.hpp"
#include "broker/shard/group_log.hpp"

namespace headgate::broker::shard {

namespace {

constexpr std::uint64_t snapshot_again_ms = 1000;

bool is_committed(const undelivered_batch& waiting, record::offset committed) {
  const auto& batch = waiting.batch.header();
  return batch.base_offset + batch.count <= committed.value;
}

// What a batch added to the exchanges.
void forget_exchanges(shard_state& state, record::batch_header& batch) {
  record::for_each_record(batch, [&](const record::record_header& record) {
    if (record.has_exchange()) {
      state.exchanges.erase_at(record.exchange(), record::offset{batch.base_offset + record.offset_delta});
    }
  });
}

// Its messages of QoS 0 are lost with it.
void refuse(shard_state& state, const undelivered_batch& waiting, inboxes& workers) {
  auto& batch = waiting.batch.header();
  if (waiting.from == nobody) return;
  state.counters.records_refused += batch.count;
  state.counters.qos0_dropped += batch.passing;
  const record::sequence last{batch.first_sequence + batch.count - 1};
  workers[waiting.from.value]->messages.emplace_back(link::refused{state.id, last});
}

}  // namespace

void take_back(shard_state& state, record::offset end) {
  state.appended = end;
  for (auto n = state.undelivered.size(); n > 0; --n) {
    auto& waiting = state.undelivered[n - 1];
    auto& batch = waiting.batch.header();
    if (waiting.refused) continue;
    if (batch.count > 0 && batch.base_offset < end.value) return;
    // One without anything for the log keeps its place among the others.
    waiting.refused = batch.count > 0;
    if (batch.exchanges > 0) forget_exchanges(state, batch);
    if (waiting.from == nobody) {
      state.snapshot_in.reset();
      state.next_snapshot.value = state.last_timestamp_ms + snapshot_again_ms;
      log_again(state, end);
    }
    if (batch.base_offset > end.value) batch.base_offset = end.value;
  }
}

void run_commits(shard_state& state, inboxes& workers) {
  if (state.undelivered.empty()) return;
  const auto committed = state.log.committed();
  while (!state.undelivered.empty()) {
    auto& front = state.undelivered.front();
    if (!front.refused && !is_committed(front, committed)) return;
    state.undelivered_bytes -= front.batch.header().size;
    const auto message = std::move(front);
    state.undelivered.pop_front();
    if (message.refused) {
      refuse(state, message, workers);
    } else {
      deliver(state, message, workers);
    }
  }
}

}  // namespace headgate::broker::shard
