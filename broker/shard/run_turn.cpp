#include "base/limits.hpp"
#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

void run_turn(shard_state& state, base::instant now, inboxes& workers) {
  log_groups(state, now.wall, workers, false);
  take_snapshot(state, now.wall, workers);
  const auto end = state.log.flush(now);
  if (end != state.appended) take_back(state, end);
  run_commits(state, workers);
  run_retained_replay(state);
  run_waiting_reads(state, now.monotonic, workers);
  run_waiting_fetches(state, workers);
  run_waiting_retained(state, now.wall, workers);
  run_groups(state, now.wall, workers);
}

// Whatever waits for an engine is announced by that; but in one turn only so many are asked again.
bool wants_turn(const shard_state& state) {
  constexpr auto a_turn = base::log_reads_per_turn;
  return state.groups.wants_turn || state.replay_goes_on || state.reads_go_on || state.waiting_reads.size() > a_turn ||
         state.waiting_fetches.size() > a_turn || state.waiting_retained.size() > a_turn;
}

namespace {

void add_log(shard_view& view, const log::log_view& log) {
  view.log_segments = log.segments;
  view.log_writes = log.writes;
  view.log_bytes_written = log.bytes_written;
  view.log_syncs = log.syncs;
  view.log_segments_dropped = log.segments_dropped;
  view.log_refused_batches = log.refused_batches;
  view.log_parts_read = log.parts_read;
  view.log_parts_waited_for = log.parts_waited_for;
  view.log_offsets_unreadable = log.offsets_unreadable;
  view.log_parts_unreadable = log.parts_unreadable;
  view.log_bytes_cut = log.bytes_cut;
  view.log_full = log.is_full ? 1 : 0;
  view.log_failed = log.has_failed ? 1 : 0;
}

}  // namespace

shard_view view_of(const shard_state& state) {
  auto view = state.counters;
  view.questions_waiting = state.waiting_reads.size() + state.waiting_fetches.size() + state.waiting_retained.size();
  view.topics = state.topics.size();
  view.exchanges = state.exchanges.size();
  view.log_start = state.log.start().value;
  view.log_end = state.log.end().value;
  view.delivered = state.delivered.value;
  view.log_bytes = state.log.bytes();
  view.undelivered_bytes = state.undelivered_bytes;
  add_log(view, state.log.view());
  const auto retained = state.retained.view();
  view.retained_messages = retained.messages;
  view.retained_bytes = retained.bytes;
  view.retained_refused = retained.refused;
  view.retained_expired = retained.expired;
  view.retained_waiting_bytes = retained.waiting_bytes;
  view.retained_unreadable = retained.unreadable;
  view.retained_away = retained.away ? 1 : 0;
  view.groups = state.groups.by_text.size();
  view.groups_behind = state.groups.behind.size();
  return view;
}

}  // namespace headgate::broker::shard
