#include <algorithm>

#include "base/limits.hpp"
#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void run_retained_replay(shard_state& state) {
  std::size_t bytes = 0;
  state.replay_goes_on = false;
  while (state.retained_given < state.delivered && bytes < base::log_read_bytes_per_turn) {
    // What the log dropped is lost to a store that never had it.
    const auto from = std::max(state.retained_given, std::min(state.log.start(), state.delivered));
    record::offset to = state.delivered;
    record::batch_ref batch;
    if (from >= state.log.start() && from < state.delivered) {
      auto read = state.log.read(from);
      if (!read.batch) return;
      batch = std::move(read.batch);
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
  state.replay_goes_on = state.retained_given < state.delivered;
}

}  // namespace headgate::broker::shard
