#pragma once

#include <cstdint>

#include "admin/server.hpp"

namespace headgate::admin {

// The counters of all workers together.
struct totals {
  proxy::gateway::gateway_view gateway;
  proxy::listener::listener_view sockets;
  proxy::auth::door_view door;
  session_store::store_view store;
  broker::shard::shard_view shard;
  std::uint64_t parcels_waiting = 0;
};

totals total_of(const measures& measures);

// Messages that a client that wanted them did not get, for any reason that is counted in messages.
std::uint64_t messages_dropped(const totals& totals);

}  // namespace headgate::admin
