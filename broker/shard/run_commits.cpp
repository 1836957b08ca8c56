#include "broker/shard/delivering.hpp"

namespace headgate::broker::shard {

void run_commits(shard_state& state, inboxes& workers) {
  if (state.undelivered.empty()) return;
  const auto committed = state.log.committed();
  while (!state.undelivered.empty()) {
    const auto& batch = state.undelivered.front().batch.header();
    if (batch.base_offset + batch.count > committed.value) return;
    state.undelivered_bytes -= batch.size;
    auto message = std::move(state.undelivered.front());
    state.undelivered.pop_front();
    deliver(state, std::move(message), workers);
  }
}

}  // namespace headgate::broker::shard
