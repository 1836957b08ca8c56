#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "base/ring_queue.hpp"
#include "base/time.hpp"
#include "broker/link/messages.hpp"
#include "broker/log/log_store.hpp"
#include "broker/record/batch_builder.hpp"
#include "broker/shard/exchange_set.hpp"
#include "broker/shard/group.hpp"
#include "broker/shard/placed_record.hpp"
#include "broker/shard/retained_store.hpp"
#include "broker/shard/topic_table.hpp"
#include "broker/shard/view.hpp"
#include "broker/shard/wildcard_tree.hpp"

namespace headgate::broker::shard {

// The shard's own records come from no worker.
inline constexpr base::worker_id nobody{0xffff};

// A batch that was appended, or has nothing for the log, and is delivered when all before it is committed.
struct undelivered_batch {
  base::worker_id from;
  record::batch_ref batch;
  std::uint64_t received_us = 0;
  bool refused = false;  // by the log: its sender hears of it when all before it is delivered
};

// Questions that the log or the store answers later, with what of their inbox they need.
struct waiting_read {
  link::read_request request;
  std::vector<std::uint32_t> filters;
  log::topic_selection_ref topics;  // null: all is scanned
};
struct waiting_fetch {
  link::fetch_request request;
  std::vector<record::offset> places;  // not answered yet
};

// What the shard knows of one worker.
struct worker_stream {
  std::uint32_t routes = 0;  // without those of groups
  record::offset told;       // how far the worker knows that the stream has come
};

// All that one shard owns; each event is a free function over it, in a file of its own. One thread: the shard's worker;
// log and store outlive it. Invariants: 1. `exchanges` are a fold of the log: of its newest snapshot, and of what came
// behind it, and so are `groups` when it begins; 2. delivered <= log.committed(), and every batch at or above
// `delivered` stands in `undelivered`, in order; 3. between turns the log's end is `appended`.
struct shard_state {
  shard_state(base::shard_id id, log::log_store& log, retained_store& retained, std::uint32_t max_unrouted_topics)
      : id(id),
        log(log),
        retained(retained),
        topics(max_unrouted_topics),
        delivered(log.end()),
        appended(log.end()),
        retained_given(retained.applied()) {}

  base::shard_id id;
  log::log_store& log;
  retained_store& retained;
  topic_table topics;
  wildcard_tree wildcards;
  group_table groups;
  bool dispatch_by_topic = false;                     // shared_subscriptions.dispatch
  exchange_set exchanges;                             // of the log: QoS 2 messages and wills that may come again
  record::batch_builder own{record::producer_id{0}};  // for the shard's own records
  std::optional<record::offset> snapshot_in;          // the segment that has one
  base::wall_ms next_snapshot;                        // not before
  std::vector<worker_stream> streams;                 // by worker id

  record::offset delivered;  // all below was given to the workers' streams
  record::offset appended;   // behind the last record that was given to the log and not refused
  base::ring_queue<undelivered_batch> undelivered;
  std::uint64_t undelivered_bytes = 0;
  record::offset retained_given;  // all below was given to the retained store
  bool replay_goes_on = false;    // the turn's share was replayed, there is more

  base::ring_queue<waiting_read> waiting_reads;
  std::uint64_t read_cost_left = base::log_read_bytes_least;  // of this turn, for all READs
  std::uint64_t bytes_before_turn = 0;                        // counters.batch_bytes_in at the end of the last turn
  base::monotonic_ms appended_at;                             // when that grew last
  bool reads_go_on = false;                                   // the turn's share was read, there is more
  base::ring_queue<waiting_fetch> waiting_fetches;
  base::ring_queue<link::retained_request> waiting_retained;

  std::uint64_t last_timestamp_ms = 0;  // the shard's clock never goes back
  shard_view counters;

  // Kept, so that matching and delivering allocate nothing.
  std::vector<route> wildcard_scratch;
  std::vector<placed_record> retained_scratch;  // of the batch being delivered
  retained_answer retained_scratch_answer;

  std::uint64_t clock_ms(base::wall_ms now) const { return std::max(last_timestamp_ms, now.value); }
};

// The inboxes of the process's workers, by worker id.
using inboxes = std::vector<link::worker_inbox*>;

// ---- what a worker calls, each turn: run_messages() for each inbox that has something for the shard, in any order,
// then run_turn(). `now` is that of the turn.

// Takes all that one worker has for the shard, in order, and clears the inbox.
void run_messages(shard_state& state, link::shard_inbox& inbox, base::wall_ms now, inboxes& workers);
// The log writes what the turn has for it. What came to be possible meanwhile: commits, then questions that waited,
// then groups that are behind. Cheap when nothing waits.
void run_turn(shard_state& state, base::instant now, inboxes& workers);
// Whether the next run_turn() has something to do that nobody will wake the worker for: do not sleep.
bool wants_turn(const shard_state& state);
// The counters, with the numbers that are looked up only when somebody asks.
shard_view view_of(const shard_state& state);

// Once, before anything else: what the log knows. False: not all of it could be read.
[[nodiscard]] bool fold_log(shard_state& state, base::wall_ms now);

// ---- parts of these, one file each

// A segment of the log without a snapshot of what the shard knows gets one.
void take_snapshot(shard_state& state, base::wall_ms now, inboxes& workers);
// Writes how far groups are that changed, once a second at most unless it is to be at once. After that, to end, the log
// has to be flushed once more.
void log_groups(shard_state& state, base::wall_ms now, inboxes& workers, bool at_once);
// Records of the shard's own, as one batch at the end of the log: it has all of them or none.
struct own_record {
  record::kind kind;
  std::string payload;
};
void append_own(shard_state& state, std::span<const own_record> records, base::wall_ms now, inboxes& workers);
// Marks those messages of a batch at the log's end that the shard knows already, and remembers the others.
void find_repeated(shard_state& state, record::batch_header& batch);

// Assigns offsets, appends; delivers and acknowledges at once when the log has committed at once.
void on_publish_batch(shard_state& state, link::publish_batch&& message, base::wall_ms now, inboxes& workers);
void on_register_route(shard_state& state, const link::register_route& message, inboxes& workers);
void on_withdraw_route(shard_state& state, const link::withdraw_route& message, base::wall_ms now, inboxes& workers);
// The lists need to live during the call only.
void on_read(shard_state& state, const link::read_request& request, std::span<const std::uint32_t> filters,
             std::span<const std::string_view> texts, inboxes& workers);
void on_fetch(shard_state& state, const link::fetch_request& request, std::span<const record::offset> places,
              inboxes& workers);
void on_retained(shard_state& state, const link::retained_request& request, base::wall_ms now, inboxes& workers);
void on_group_credit(shard_state& state, const link::group_credit& message);
void on_group_away(shard_state& state, const link::group_away& message, base::wall_ms now);
void on_group_done(shard_state& state, const link::group_done& message);
void on_group_return(shard_state& state, const link::group_return& message, base::wall_ms now);
void on_group_held(shard_state& state, const link::group_held& message);
void on_barrier(shard_state& state, const link::barrier& message, inboxes& workers);

// What the log has not taken is refused; its offsets, from `end` on, are given again.
void take_back(shard_state& state, record::offset end);
// Delivers, in order, what the log has committed, and acknowledges it, or says that it was refused.
void run_commits(shard_state& state, inboxes& workers);
// Asks again what the log or the store answered with `later`, or what a turn had no room for; a bounded number a turn.
void run_waiting_reads(shard_state& state, base::monotonic_ms now, inboxes& workers);
void run_waiting_fetches(shard_state& state, inboxes& workers);
void run_waiting_retained(shard_state& state, base::wall_ms now, inboxes& workers);
// Gives the retained store what the log has and it has not: after a start with an older store.
void run_retained_replay(shard_state& state);
// Gives out from the log what groups that are behind have room for, in bounded steps; ends groups that lingered.
void run_groups(shard_state& state, base::wall_ms now, inboxes& workers);

}  // namespace headgate::broker::shard
