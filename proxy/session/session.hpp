#pragma once

#include <cstdint>
#include <memory>

#include "base/compact_string.hpp"
#include "base/limits.hpp"
#include "base/one_or_many.hpp"
#include "mqtt/types.hpp"
#include "proxy/session/details.hpp"
#include "proxy/session/inflight.hpp"
#include "proxy/session/position.hpp"
#include "proxy/session/subscription_list.hpp"

namespace headgate::proxy::session {

// The life of one client's connection:
//
//   absent ──accept──▶ awaiting_connect ──CONNECT──▶ claiming ──session──▶ connected ──▶ closing ──▶ absent
//                             └─────────────────────────┴───────refused───────────────────▲
// and from each state straight to absent, when the peer is gone or says DISCONNECT.
//
// claiming: its CONNECT waits for the authenticator or for its session; nothing is read from it meanwhile.
// closing: told why, its subscriptions gone; waits until the client has closed or the linger time is over.
enum class connection_state : std::uint8_t { absent, awaiting_connect, claiming, connected, closing };

// Why a client is not read: bits of session::pauses.
inline constexpr std::uint8_t pause_claiming = 1;     // its CONNECT waits
inline constexpr std::uint8_t pause_output = 2;       // it does not take its acknowledgements
inline constexpr std::uint8_t pause_unanswered = 4;   // too many of its publishes are not acknowledged yet
inline constexpr std::uint8_t pause_subscribing = 8;  // it publishes behind a SUBSCRIBE that is not answered

// Bits of session::refusals_told.
inline constexpr std::uint8_t told_publish = 1;
inline constexpr std::uint8_t told_subscribe = 2;

inline constexpr std::uint32_t no_extent = 0xffff'ffff;

// One client of a worker: what a delivery touches comes first and is one or two cache lines. A plain struct: the
// gateway's events change it. Lives in the worker's slab; the place is used again by later clients, told apart by
// `generation`.
struct alignas(64) session {
  std::uint32_t generation = 0;
  connection_state state = connection_state::absent;
  mqtt::version version = mqtt::version::v3_1_1;
  std::uint8_t pauses = 0;
  bool dirty = false;  // stands in the turn's list of clients to flush

  // This turn's output: a list of extents in the arena.
  std::uint32_t first_extent = no_extent;
  std::uint32_t last_extent = no_extent;
  std::uint32_t output_bytes = 0;
  // What the socket did not take: waits in the client's own buffer.
  std::uint32_t pending_bytes = 0;

  // Which record was last considered for this session where several of its filters matched, and the place of the
  // session among those who get it.
  std::uint32_t merge_mark = 0;
  std::uint32_t merge_place = 0;
  std::uint32_t maximum_packet_size = 0;  // the client's
  std::uint16_t window = 0;               // in flight at most
  bool read_requested = false;            // a READ is on its way to a shard
  bool read_again = false;                // what that READ answers is not to be used: it is asked for again
  inflight_ring inflight;

  base::one_or_many<position> positions;  // one a shard where it holds a filter above QoS 0
  std::unique_ptr<details> more;          // what only few sessions have; null: nothing of it
  std::uint64_t id_hash = 0;
  std::uint32_t last_heard_s = 0;  // second of the monotonic clock
  std::uint32_t expiry_s = 0;      // the session outlives the connection so long; 0: it does not
  std::uint32_t connect = 0;       // while claiming: the number of its CONNECT
  std::uint16_t keep_alive_s = 0;
  std::uint16_t unanswered = 0;      // publishes above QoS 0 that have no PUBACK or PUBREC yet
  std::uint16_t shared_filters = 0;  // of its filters so many are $share ones
  bool waits : 1 = false;            // references wait in more->waiting
  bool bridge : 1 = false;           // another broker: gets RETAIN as it was published, and nothing of its own
  bool behind : 1 = false;           // in at least one log: of its positions
  bool progressed : 1 = false;       // since it was stored (checkpoints.hpp)
  bool awaits_turn : 1 = false;      // stands in the gateway's list of those that may have progressed
  bool checkpointed : 1 = false;     // and the store has not answered yet
  std::uint8_t subscribing = 0;      // SUBSCRIBEs of several shards, or a group; at most most_subscribing
  std::uint8_t refusals_told = 0;    // what it may not do and the log has said of this connection: told_… bits
  std::uint16_t terms = 0;           // which limits it was told when it connected (gateway::connection_terms)
  std::uint32_t connected_at_s = 0;  // second of the monotonic clock
  std::uint32_t users_version = 0;   // which state of the users it was let in by (gateway::proxy_state)

  subscription_list subscriptions;
  base::compact_string id;
  std::uint64_t epoch = 0;  // the token of the session
  std::uint64_t nonce = 0;

  bool window_full() const { return inflight.count() >= window; }
  // How long the client may be silent: half as long again as it promised [MQTT-3.1.2-22].
  std::uint32_t silence_allowed_s() const { return keep_alive_s + (keep_alive_s + 1U) / 2; }

  // Its position in a shard's log, or null.
  position* position_in(std::uint16_t shard) {
    for (auto& position : positions.all()) {
      if (position.shard == shard) return &position;
    }
    return nullptr;
  }
  details& with_details() {
    if (!more) more = std::make_unique<details>();
    return *more;
  }
};
static_assert(sizeof(session) == base::session_bytes);

}  // namespace headgate::proxy::session
