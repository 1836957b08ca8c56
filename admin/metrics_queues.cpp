#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

namespace {

std::uint64_t number_of_shards(const measures& measures) {
  std::uint64_t shards = 0;
  for (const auto& worker : measures.workers) shards += worker.shards.size();
  return shards;
}

}  // namespace

// Whatever has a bound: what stands in it, and the bound, in the same unit. What is bounded a client has the bound of
// all that are connected now, so the depth comes close to it only if most clients are in trouble.
void add_queue_metrics(families& out, const measures& measures, const totals& totals) {
  const auto& gateway = totals.gateway;
  const auto& limits = measures.facts.limits;
  const auto shards = number_of_shards(measures);
  const std::uint64_t workers = measures.workers.size();
  struct queue {
    const char* name;
    std::uint64_t depth;
    std::uint64_t limit;  // 0: has no bound of its own
  };
  const queue queues[] = {
      {"connects", gateway.connects_pending, 0},
      {"subscribes", gateway.subscribes_pending, gateway.clients},
      {"unacknowledged_publishes", gateway.publishes_unacknowledged, limits.inflight_in * gateway.clients},
      {"wills", gateway.wills_waiting, base::max_waiting_wills * workers},
      {"output_bytes", gateway.output_pending_bytes, limits.max_output_bytes * gateway.clients},
      {"tail_bytes", gateway.tail_bytes, base::tail_bytes * workers},
      {"parcels", totals.parcels_waiting, 0},
      {"shard_requests", totals.shard.questions_waiting, 0},
      {"uncommitted_bytes", totals.shard.undelivered_bytes, base::uncommitted_bytes * shards},
      {"log_bytes", totals.shard.log_bytes, measures.facts.storage.log_bytes_most * shards},
      {"retained_bytes", totals.shard.retained_bytes, limits.retained_memory_bytes * shards},
  };
  auto depths =
      gauge(out, "headgate_queue_depth", "What stands in each bounded queue or store, in bytes or in number.");
  for (const auto& queue : queues) depths.add(queue.depth, {{"queue", queue.name}});
  auto bounds = gauge(out, "headgate_queue_limit",
                      "The bound of that queue; for one that is bounded a client, that of all connected clients.");
  for (const auto& queue : queues) {
    if (queue.limit != 0) bounds.add(queue.limit, {{"queue", queue.name}});
  }
}

}  // namespace headgate::admin
