#include "admin/totals.hpp"

#include "base/counters.hpp"

namespace headgate::admin {

totals total_of(const measures& measures) {
  totals sum;
  for (const auto& each : measures.workers) {
    base::add_counters(sum.gateway, each.worker.gateway);
    base::add_counters(sum.sockets, each.sockets);
    base::add_counters(sum.door, each.door);
    base::add_counters(sum.store, each.worker.store);
    base::add_counters(sum.shard, each.worker.shard);
    sum.parcels_waiting += each.worker.parcels_waiting;
  }
  return sum;
}

std::uint64_t messages_dropped(const totals& totals) {
  return totals.gateway.dropped_output_full + totals.gateway.dropped_too_large + totals.gateway.dropped_expired +
         totals.gateway.lost_inflight + totals.shard.qos0_dropped + totals.shard.group_qos0_dropped +
         totals.shard.group_expired;
}

}  // namespace headgate::admin
