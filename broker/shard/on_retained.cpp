#include <algorithm>

#include "base/limits.hpp"
#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

namespace {

// False while the store has not come so far, or answers later.
bool answer(shard_state& state, const link::retained_request& request, base::wall_ms now, inboxes& workers) {
  if (state.retained.applied() < request.below) return false;
  auto& found = state.retained_scratch_answer;
  const retained_query query{request.filter, request.after,     request.below,
                             request.places, request.max_bytes, state.clock_ms(now)};
  if (!state.retained.scan(query, found)) return false;
  auto& inbox = *workers[request.from.value];
  for (const auto& value : found.values) {
    const auto& header = value.header();
    const auto* record = reinterpret_cast<const record::record_header*>(&header + 1);
    const auto ids = static_cast<std::uint32_t>(inbox.ids.size());
    inbox.entries.push_back({record, record::offset{header.base_offset}, ids, 0});
    const auto entry = inbox.take_entries().first;
    inbox.messages.emplace_back(link::retained_message{request.request, entry, inbox.keep(value), header.timestamp_ms});
  }
  found.values.clear();
  inbox.messages.emplace_back(link::retained_end{request.request, found.cursor, found.done});
  return true;
}

}  // namespace

void on_retained(shard_state& state, const link::retained_request& request, base::wall_ms now, inboxes& workers) {
  if (!answer(state, request, now, workers)) state.waiting_retained.push_back(request);
}

void run_waiting_retained(shard_state& state, base::wall_ms now, inboxes& workers) {
  for (auto left = std::min(state.waiting_retained.size(), base::log_reads_per_turn); left > 0; --left) {
    const auto request = state.waiting_retained.front();
    state.waiting_retained.pop_front();
    on_retained(state, request, now, workers);
  }
}

}  // namespace headgate::broker::shard
