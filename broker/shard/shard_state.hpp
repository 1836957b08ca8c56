#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "broker/link/messages.hpp"
#include "broker/log/log_store.hpp"
#include "broker/shard/topic_table.hpp"
#include "broker/shard/view.hpp"
#include "broker/shard/wildcard_tree.hpp"

namespace headgate::broker::shard {

// All that one shard owns; each event is a free function over it, in a file of its own. One thread: the shard's worker.
// Invariant: the state outside the log is a fold of what came in, in order.
struct shard_state {
  shard_state(base::shard_id id, log::log_store& log, std::uint32_t max_unrouted_topics)
      : id(id), log(log), topics(max_unrouted_topics) {}

  base::shard_id id;
  log::log_store& log;
  topic_table topics;
  wildcard_tree wildcards;
  std::uint64_t last_timestamp_ms = 0;  // the shard's clock never goes back
  shard_view counters;
  std::vector<route> scratch;  // kept, so that a wildcard match allocates nothing
};

// The inboxes of the process's workers, by worker id.
using inboxes = std::vector<link::worker_inbox*>;

// Assigns offsets, appends, delivers to the workers with a route, acknowledges.
void on_publish_batch(shard_state& state, link::publish_batch&& message, base::wall_ms now, inboxes& workers);
void on_register_route(shard_state& state, const link::register_route& message, inboxes& workers);
void on_withdraw_route(shard_state& state, const link::withdraw_route& message, inboxes& workers);
void on_read(shard_state& state, const link::read_request& message, inboxes& workers);

}  // namespace headgate::broker::shard
