#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "base/log_sink.hpp"
#include "base/random.hpp"
#include "base/ring_queue.hpp"
#include "base/slab.hpp"
#include "base/time.hpp"
#include "base/timer_wheel.hpp"
#include "broker/link/messages.hpp"
#include "broker/record/batch_builder.hpp"
#include "mqtt/reason_code.hpp"
#include "proxy/gateway/authenticator.hpp"
#include "proxy/gateway/authoriser.hpp"
#include "proxy/gateway/client_port.hpp"
#include "proxy/gateway/delivery_arena.hpp"
#include "proxy/gateway/filter_table.hpp"
#include "proxy/gateway/latencies.hpp"
#include "proxy/gateway/line_budget.hpp"
#include "proxy/gateway/log_ids.hpp"
#include "proxy/gateway/pending.hpp"
#include "proxy/gateway/rights_cache.hpp"
#include "proxy/gateway/tail.hpp"
#include "proxy/gateway/view.hpp"
#include "proxy/session/session.hpp"
#include "session-store/session_store.hpp"
#include "session-store/takeover_bus.hpp"
#include "shard-router/shard_map.hpp"

namespace headgate::proxy::gateway {

namespace link = broker::link;
namespace record = broker::record;

// A worker's way to one shard. Both directions keep their order.
struct shard_link {
  shard_link(base::shard_id id, record::producer_id producer) : id(id), builder(producer) {}

  base::shard_id id;
  record::batch_builder builder;
  link::shard_inbox outgoing;
  base::ring_queue<pending_publish> unacknowledged;  // in the order of their sequences, which have no gaps
  record::sequence first_unacknowledged{1};
  std::vector<record::exchange> forgotten;  // handed over at the end of the turn
  base::ring_queue<behind_barrier> behind;  // what waits until the shard has what was sent before (barriers.hpp)
  std::uint64_t first_behind = 0;           // the number of the first of these, since the start
  std::uint64_t barrier_at = 0;             // the shard was asked about those below
  std::uint64_t streamed_to = 0;            // everything for this worker below was received
  // Wills that it refused, and those that came meanwhile, by age: tried again in this order (wills.cpp).
  std::map<std::uint64_t, std::uint32_t> refused_wills;
};

// What a gateway reaches the world by; all of it outlives the gateway and is used in the worker's thread only, but for
// the log.
struct gateway_ports {
  client_port& clients;
  base::log_sink& log;
  session_store::session_store& store;
  session_store::takeover_bus& bus;
  authenticator& door;
  const authoriser& rights;
  base::clock& clock;  // for how long messages took, alone: what decides anything goes by proxy_state::now
};

// Where and who a gateway is.
struct gateway_place {
  base::worker_id worker;
  std::uint64_t incarnation = 0;  // of the process
  const shard_router::shard_map& map;
  const log_ids& logs;
  std::uint32_t key_levels = 0;  // routing.key_levels
  bool bind_client_id = false;   // auth.bind_client_id: a session is its user's alone
  bool tell_reasons = true;      // auth.tell_reasons
};

// Which session one of several matching filters brought a record, and how it gets it.
struct merged_grant {
  std::uint32_t session = 0;
  mqtt::qos qos{};
  bool retain_as_published = false;
  std::uint16_t identifiers = 0;  // how many of the filters have a Subscription Identifier
  bool checked = true;            // none of them is one whose every message the client may read
};

// How far the way through all sessions is on which the rights of subscriptions are asked for anew: the messages of
// those from here on are each asked for meanwhile.
struct rights_walk {
  static constexpr std::uint32_t over = 0xffff'ffff;
  std::uint32_t session = over;  // the next
  std::uint32_t filter = 0;      // the next of its filters
};
// And that on which clients whose user has changed are sent away.
struct users_walk {
  static constexpr std::uint32_t over = 0xffff'ffff;
  std::uint32_t session = over;                               // the next
  std::map<std::string, std::uint32_t, std::less<>> changed;  // names, with the change (proxy_state::users_version)
};

// For members of shared subscriptions that do not acknowledge: a coarse clock, whose ticks wrap at 8, and the way
// through all sessions once a tick.
struct silence_watch {
  static constexpr std::uint32_t over = 0xffff'ffff;
  std::uint8_t tick = 0;
  std::uint32_t next_tick_s = 0;
  std::uint32_t session = over;  // the next
};

// Limits that a client is told when it connects: they hold for its connection, whatever the operator changes meanwhile.
struct connection_terms {
  std::uint32_t max_packet_bytes = 0;
  std::uint16_t inflight_in = 0;
  std::uint16_t topic_aliases = 0;
  friend bool operator==(const connection_terms&, const connection_terms&) = default;
};

// All that one worker's gateway owns; each event is a free function over it, in a file of its own (events.hpp). One
// thread. Invariants: 1. session.subscriptions and filter.subscribers name each other; 2. extents live within one turn;
// 3. a connected session was claimed with its token; that somebody took it by force since is noticed by the next write.
struct proxy_state : authentication_answers {
  proxy_state(const base::limits& limits, const gateway_place& place, const gateway_ports& ports, base::instant now,
              std::uint64_t seed);
  ~proxy_state() override;

  // In force now, and for who connects from now on; changed by set_limits() alone.
  base::limits limits;
  // All that clients were told since the start, each once, by session::terms; what is in force now is `current_terms`.
  std::vector<connection_terms> terms;
  std::uint16_t current_terms = 0;
  // Deliveries end at the limit of a client's output, exceeding it by one message at most. What is above that are
  // answers to what the client sent: one that takes none of them is not read any more. A slow subscriber never gets
  // here, nor does it because the limits were lowered.
  std::uint64_t stop_reading_at = 0;
  gateway_place place;
  gateway_ports ports;
  base::instant now;              // read once a turn
  std::uint64_t received_us = 0;  // what is read now, by the fine clock: the beginning of the turn's reading
  base::random_source random;

  base::slab<session::session> sessions;
  base::timer_wheel timers;  // by session: CONNECT, claim, keep-alive, linger
  session::inflight_pool inflight_pool;
  filter_table filters;
  std::vector<std::unique_ptr<shard_link>> shards;  // by shard id

  // What lasts for a moment comes in small blocks.
  static constexpr std::uint32_t pending_block = 64;
  base::slab<pending_connect, pending_block> connects;
  base::slab<pending_subscribe, pending_block> subscribes;
  base::slab<pending_route, pending_block> routes;
  base::slab<pending_unsubscribe, pending_block> unsubscribes;
  base::slab<pending_answer, pending_block> answers;           // that wait for the store
  base::slab<pending_release, pending_block> releases;         // sessions on their way back to the store
  std::unordered_map<std::uint64_t, std::uint32_t> held_back;  // of these, by holder: those behind wills
  base::slab<pending_will, pending_block> wills;
  std::size_t will_bytes = 0;     // of these
  std::uint64_t next_will = 0;    // since the start
  bool is_told_of_wills = false;  // a line says that there are too many
  base::slab<retained_scan, pending_block> scans;

  base::ring_queue<base::client_ref> wants_read;  // clients behind that can take more, served in turn
  std::vector<base::client_ref> unsaved;          // who waits for the store to have its session
  base::ring_queue<base::client_ref> progressed;  // whose sessions are further than the store says (checkpoints.hpp)
  std::size_t checkpoints_due = 0;                // of these, so many now
  std::size_t checkpoints_open = 0;               // that the store has not answered
  std::uint32_t checkpointed_s = 0;               // second of the last look
  std::uint32_t next_quiet = 0;                   // the next session to look at whose client acknowledges nothing
  std::uint64_t quiet_steps = 0;                  // how many are to be looked at, times quiet_checkpoint_s
  std::vector<std::uint32_t> credits_due;         // shared filters whose credit has changed
  std::vector<pending_route> asks_again;          // of SUBSCRIBEs to groups: asked once more behind these credits
  std::vector<base::client_ref> asks_for_held;    // who may have room for what is held for it, or has asked for some
  bool asks_due = false;                          // one of these has room since the shards were last asked
  std::vector<base::client_ref> recalls;          // whose held messages go back
  std::uint32_t recall_at_s = 0;                  // from this second on
  std::uint32_t recall_by_s = 0;                  // and then at the latest, however often the rules change meanwhile
  silence_watch silence;
  gateway::tail tail;
  std::uint32_t waiting_sessions = 0;      // with references into the tail
  std::uint32_t behind_sessions = 0;       // in at least one log
  std::uint64_t output_pending_bytes = 0;  // of all clients
  std::vector<std::unique_ptr<session::waiting_queue>> waiting_pool;

  std::unique_ptr<gateway::rights_cache> rights_cache;  // null: there are no rules
  std::uint32_t rights_version = 0;                     // of the rules
  gateway::rights_walk rights_walk;
  std::uint32_t users_version = 1;  // grows whenever users change
  gateway::users_walk users_walk;

  delivery_arena arena;
  std::vector<std::uint32_t> dirty_subscribers;  // clients with deliveries: flushed first
  std::vector<std::uint32_t> dirty_others;
  std::uint32_t merge_mark = 0;
  std::vector<merged_grant> merged;                // sessions of one record with several filters
  std::vector<std::uint32_t> identifiers;          // scratch: of one delivery
  std::vector<std::uint8_t> forwarded_properties;  // scratch
  std::vector<std::uint32_t> rung;                 // scratch
  std::uint64_t swept_s = 0;                       // second of the last sweep of the store

  line_budget client_lines;
  gateway_view counters;  // without the gauges that view_of() adds
  gateway::latencies latencies;

  const connection_terms& terms_of(const session::session& session) const { return terms[session.terms]; }
  // Those of a running worker that an operator changes: max_packet_bytes, inflight_in and topic_aliases for who
  // connects from now on, max_inflight as well, since a client's window is made when it connects; max_output_bytes,
  // max_subscriptions, connect_timeout_s and client_lines_per_second at once. The others stay as they were at the
  // start.
  void set_limits(const base::limits& changed);

  std::uint32_t now_s() const { return static_cast<std::uint32_t>(now.monotonic.value / 1000); }
  base::client_ref ref_of(std::uint32_t index) const { return {index, sessions[index].generation}; }
  // The session if it is still the same client's and connected, else null.
  session::session* connected(base::client_ref client) {
    auto& session = sessions[client.index];
    const bool same = session.generation == client.generation && session.state == session::connection_state::connected;
    return same ? &session : nullptr;
  }

  void on_authenticated(std::uint32_t request, mqtt::reason_code reason) override;
};

inline principal principal_of(const session::session& session) {
  return {session.id.view(), session.more ? std::string_view(session.more->user_name) : std::string_view()};
}

}  // namespace headgate::proxy::gateway
