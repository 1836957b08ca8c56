#include <algorithm>

#include "base/limits.hpp"
#include "broker/shard/delivering.hpp"

namespace headgate::broker::shard {

void on_publish_batch(shard_state& state, link::publish_batch&& message, base::wall_ms now, inboxes& workers) {
  auto& batch = message.batch.header();
  ++state.counters.batches;
  state.counters.records += batch.count + batch.passing;
  state.counters.batch_bytes_in += batch.size;
  state.last_timestamp_ms = state.clock_ms(now);
  batch.base_offset = state.log.end().value;
  batch.timestamp_ms = state.last_timestamp_ms;
  if (batch.exchanges > 0) find_repeated(state, batch);
  if (batch.count > 0) state.log.append(message.batch);
  state.appended = record::offset{batch.base_offset + batch.count};

  // The usual case of a log that commits at once, and of QoS 0: nothing waits.
  if (state.undelivered.empty() && (batch.count == 0 || state.log.committed() >= state.appended)) {
    deliver(state, {message.from, std::move(message.batch), message.received_us}, workers);
    return;
  }
  if (batch.count == 0 && state.undelivered_bytes >= base::uncommitted_bytes) {
    state.counters.qos0_dropped += batch.passing;
    return;
  }
  state.undelivered_bytes += batch.size;
  state.undelivered.push_back({message.from, std::move(message.batch), message.received_us});
}

}  // namespace headgate::broker::shard
