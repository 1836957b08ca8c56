#include "base/limits.hpp"
#include "broker/shard/shard_state.hpp"
#include "broker/shard/snapshot.hpp"

namespace headgate::broker::shard {

namespace {

void remember(shard_state& state, const record::record_header& record, record::offset place) {
  // What came again had been forgotten, or is known under the place where it stood first.
  if (record.is_message() && record.has_exchange()) state.exchanges.insert(record.exchange(), place);
}

}  // namespace

bool fold_log(shard_state& state) {
  bool understood = true;
  const bool whole = state.log.replay([&](const record::batch_header& batch) {
    record::for_each_record(const_cast<record::batch_header&>(batch), [&](const record::record_header& record) {
      if (record.kind == record::kind::snapshot) {
        understood &= decode_snapshot(record.payload(), state.exchanges);
      } else {
        remember(state, record, record::offset{batch.base_offset + record.offset_delta});
      }
    });
  });
  return whole && understood;
}

void find_repeated(shard_state& state, record::batch_header& batch) {
  state.counters.exchanges_dropped += state.exchanges.forget_below(state.log.start(), base::max_exchanges);
  record::for_each_record(batch, [&](record::record_header& record) {
    if (!record.has_exchange()) return;
    if (state.exchanges.insert(record.exchange(), record::offset{batch.base_offset + record.offset_delta})) return;
    record.kind = record::kind::repeated;
    ++state.counters.records_repeated;
  });
}

void take_snapshot(shard_state& state, base::wall_ms now, inboxes& workers) {
  const auto segment = state.log.segment();
  // Together with messages: a segment that nothing has come into stays empty.
  const bool is_due = segment && segment != state.snapshot_in && now >= state.next_snapshot;
  if (!is_due || state.undelivered.empty()) return;
  state.snapshot_in = segment;
  state.counters.exchanges_dropped += state.exchanges.forget_below(state.log.start(), base::max_exchanges);
  const auto payload = encode_snapshot(state.exchanges);
  record::message message;
  message.kind = record::kind::snapshot;
  message.flags = 1;  // a record of QoS 1 has an offset
  message.payload = base::as_bytes(payload);
  state.snapshots.add(message);
  on_publish_batch(state, {nobody, state.snapshots.seal()}, now, workers);
}

}  // namespace headgate::broker::shard
