#include <algorithm>

#include "base/limits.hpp"
#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void run_retained_replay(shard_state& state) {
  std::size_t bytes = 0;
  state.replay_goes_on = false;
  while (state.retained_given < state.delivered && state.retained.has_room()) {
    if (bytes >= base::log_read_bytes_per_turn) {
      state.replay_goes_on = true;
      return;
    }
    // What the log dropped is lost to a store that never had it.
    const auto from = std::max(state.retained_given, std::min(state.log.start(), state.delivered));
    record::offset to = state.delivered;
    record::batch_ref batch;
    if (from >= state.log.start() && from < state.delivered) {
      auto read = state.log.read(from);
      if (read.later) return;
      batch = std::move(read.batch);
    }
    // Without a batch, or with one that is still to be delivered, there is nothing left: what was is damaged or was
    // never given.
    if (batch && batch.header().base_offset < state.delivered.value) {
      auto& header = batch.header();
      to = record::offset{header.base_offset + header.count};
      bytes += header.size;
      record::for_each_record(header, [&](const record::record_header& record) {
        const record::offset place{header.base_offset + record.offset_delta};
        if (record.is_retained() && place >= from) state.retained_scratch.push_back({&record, place});
      });
    }
    state.retained.apply(batch, state.retained_scratch, to);
    state.retained_scratch.clear();
    state.retained_given = to;
  }
}

}  // namespace headgate::broker::shard
