#pragma once

#include <cstdint>

#include "base/compact_string.hpp"
#include "base/limits.hpp"
#include "mqtt/types.hpp"
#include "proxy/session/inflight.hpp"
#include "proxy/session/subscription_list.hpp"

namespace headgate::proxy::session {

// The life of one client's connection:
//
//   absent ──accept──▶ awaiting_connect ──CONNECT──▶ connected ──▶ closing ──▶ absent
//                             └────────refused───────────────────────▲
// and from each state straight to absent, when the peer is gone or says DISCONNECT.
//
// closing: told why, its subscriptions gone; waits until the client has closed or the linger time is over.
enum class connection_state : std::uint8_t { absent, awaiting_connect, connected, closing };

// How the QoS 1 messages of a session go out: live: as they come; catching_up: read from the log from `next` on,
// because the window or the client's output was full.
enum class delivery_stage : std::uint8_t { live, catching_up };

inline constexpr std::uint32_t no_extent = 0xffff'ffff;

// One client of a worker: what a delivery touches comes first and is one or two cache lines. A plain struct: the
// gateway's events change it. Lives in the worker's slab; the place is used again by later clients, told apart by
// `generation`.
struct alignas(64) session {
  std::uint32_t generation = 0;
  connection_state state = connection_state::absent;
  mqtt::version version = mqtt::version::v3_1_1;
  delivery_stage stage = delivery_stage::live;
  bool dirty = false;  // stands in the turn's list of clients to flush

  // This turn's output: a list of extents in the arena.
  std::uint32_t first_extent = no_extent;
  std::uint32_t last_extent = no_extent;
  std::uint32_t output_bytes = 0;
  // What the socket did not take: waits in the client's own buffer.
  std::uint32_t pending_bytes = 0;

  // Which record was last considered for this session where several of its filters matched, and the best QoS among
  // them.
  std::uint32_t merge_mark = 0;
  mqtt::qos merge_qos{};
  bool read_requested = false;  // a READ is on its way to the shard
  bool socket_paused = false;   // the client does not take its acknowledgements
  bool answer_cut = false;      // an answer to READ found no more room: the rest of it is asked for again

  // The position: the first offset neither sent nor skipped, and what is in flight below it.
  std::uint64_t next = 0;
  inflight_ring inflight;
  std::uint64_t id_hash = 0;
  std::uint32_t maximum_packet_size = 0;  // the client's
  std::uint16_t window = 0;               // in flight at most
  std::uint16_t keep_alive_s = 0;
  std::uint32_t last_heard_s = 0;  // second of the monotonic clock

  subscription_list subscriptions;
  base::compact_string id;

  bool window_full() const { return inflight.count() >= window; }
  // How long the client may be silent: half as long again as it promised [MQTT-3.1.2-22].
  std::uint32_t silence_allowed_s() const { return keep_alive_s + (keep_alive_s + 1U) / 2; }
};
static_assert(sizeof(session) == base::session_bytes);

}  // namespace headgate::proxy::session
