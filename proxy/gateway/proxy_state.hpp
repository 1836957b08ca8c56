#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/hash_index.hpp"
#include "base/ids.hpp"
#include "base/limits.hpp"
#include "base/log_sink.hpp"
#include "base/random.hpp"
#include "base/rate_limiter.hpp"
#include "base/ring_queue.hpp"
#include "base/slab.hpp"
#include "base/time.hpp"
#include "base/timer_wheel.hpp"
#include "broker/link/messages.hpp"
#include "broker/record/batch_builder.hpp"
#include "mqtt/reason_code.hpp"
#include "proxy/gateway/client_port.hpp"
#include "proxy/gateway/delivery_arena.hpp"
#include "proxy/gateway/filter_table.hpp"
#include "proxy/gateway/view.hpp"
#include "proxy/session/session.hpp"
#include "shard-router/shard_map.hpp"

namespace headgate::proxy::gateway {

namespace link = broker::link;
namespace record = broker::record;

// A QoS 1 PUBLISH whose record is on its way into the log.
struct pending_publish {
  base::client_ref client;
  std::uint16_t packet_id = 0;
};

// A worker's way to one shard. Both directions keep their order.
struct shard_link {
  explicit shard_link(record::producer_id producer) : builder(producer) {}

  record::batch_builder builder;
  std::vector<link::to_shard> outgoing;
  base::ring_queue<pending_publish> unacknowledged;  // in the order of their sequences, which have no gaps
  record::sequence first_unacknowledged{1};
};

// A SUBSCRIBE that waits for shards.
struct pending_subscribe {
  base::client_ref client;
  std::uint16_t packet_id = 0;
  std::uint32_t unanswered = 0;
  std::vector<mqtt::reason_code> reasons;
};
struct pending_route {
  std::uint32_t subscribe = 0;
  std::uint32_t filter = 0;
};

// All that one worker's gateway owns; each event is a free function over it, in a file of its own (events.hpp). One
// thread. Invariants: 1. a session stands in the registry from CONNECT until it is closing; 2. session.subscriptions
// and filter.subscribers name each other; 3. extents live within one turn.
struct proxy_state {
  proxy_state(const base::limits& limits, base::worker_id worker, client_port& clients, base::log_sink& log,
              base::instant now, std::uint64_t seed);
  ~proxy_state();

  const base::limits& limits;
  base::worker_id worker;
  client_port& clients;
  base::log_sink& log;
  base::instant now;  // read once a turn
  base::random_source random;

  base::slab<session::session> sessions;
  base::hash_index registry;  // client id → session
  base::timer_wheel timers;   // by session: CONNECT, keep-alive, linger
  session::inflight_pool inflight_pool;
  filter_table filters;
  shard_router::shard_map shard_map;
  std::vector<std::unique_ptr<shard_link>> shards;  // by shard id
  base::slab<pending_subscribe> subscribes;
  base::slab<pending_route> routes;

  base::ring_queue<base::client_ref> wants_read;  // clients behind that can take more, served in turn
  std::vector<link::read_request> read_requests;  // of this turn
  std::vector<std::uint32_t> read_filters;        // what those refer to

  delivery_arena arena;
  std::vector<std::uint32_t> dirty_subscribers;  // clients with deliveries: flushed first
  std::vector<std::uint32_t> dirty_others;
  std::uint32_t merge_mark = 0;
  std::vector<std::uint32_t> merged;               // sessions of one record with several filters
  std::vector<std::uint8_t> forwarded_properties;  // scratch
  std::vector<std::uint32_t> rung;                 // scratch

  base::rate_limiter client_lines;
  gateway_view counters;

  std::uint32_t now_s() const { return static_cast<std::uint32_t>(now.monotonic.value / 1000); }
  base::client_ref ref_of(std::uint32_t index) const { return {index, sessions[index].generation}; }
  // The session if it is still the same client's and connected, else null.
  session::session* connected(base::client_ref client) {
    auto& session = sessions[client.index];
    const bool same = session.generation == client.generation && session.state == session::connection_state::connected;
    return same ? &session : nullptr;
  }
};

}  // namespace headgate::proxy::gateway
