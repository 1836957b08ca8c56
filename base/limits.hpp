#pragma once

#include <cstddef>
#include <cstdint>

namespace headgate::base {

// Every limit of Headgate, with its reason. Those that an operator may set are members, the others constants.
struct limits {
  // A larger packet is refused with 0x95. 1 MiB is far above what devices send and bounds what one client can make us
  // hold.
  std::uint32_t max_packet_bytes = 1024 * 1024;
  // What one client may have waiting because its socket takes no more. Above it QoS 0 is dropped and QoS 1 read again
  // from the log.
  std::uint32_t max_output_bytes = 1024 * 1024;
  // QoS 1 messages sent to one client and not acknowledged yet; its Receive Maximum may lower it.
  std::uint16_t max_inflight = 1024;
  // Filters one client may hold: each costs about 200 B, and its end must be cheap.
  std::uint32_t max_subscriptions = 100'000;
  // Topics remembered without a literal subscriber, for the cached result of wildcard filters: 64 MB of entries.
  std::uint32_t topic_entries = 1'000'000;
  // Clients at once; 0: as many as descriptors allow.
  std::uint32_t max_clients = 0;
  // The in-memory log of a shard. What it drops is counted for sessions that still wanted it.
  std::uint64_t log_memory_bytes = 64ULL * 1024 * 1024;
  // From accept to a whole CONNECT.
  std::uint32_t connect_timeout_s = 10;
};

// Read from one client in one turn; 16 KB costs more calls, more lets one client delay the others (measured).
inline constexpr std::size_t read_bytes_per_client = 64 * 1024;
// Read from all clients in one turn, so that deliveries are never far behind.
inline constexpr std::size_t read_bytes_per_turn = 1024 * 1024;
// One worker's scratch to read into: what was left of an incomplete frame, at most direct_read_bytes, then new bytes.
inline constexpr std::size_t read_scratch_bytes = 256 * 1024;
// An incomplete frame that misses more than this is given a buffer of its own and read straight into it.
inline constexpr std::size_t direct_read_bytes = 16 * 1024;
// Records are written into blocks of this size.
inline constexpr std::size_t record_block_bytes = 256 * 1024;
// Deliveries are encoded into blocks of this size, reused every turn.
inline constexpr std::size_t arena_block_bytes = 64 * 1024;
// A turn that has encoded this much flushes before it goes on, so that no fan-out holds more at once.
inline constexpr std::size_t arena_bytes_per_flush = 8 * 1024 * 1024;
inline constexpr std::size_t arena_extents_per_flush = 512 * 1024;
// Payloads from this size on are sent from the record instead of being copied.
inline constexpr std::size_t referenced_payload_bytes = 2048;
// Clients that fell behind and are served in one turn, and the log that is scanned for all of them: more than a turn
// can append, so that one of them catches up even under full load, and little enough that the live ones do not wait.
inline constexpr std::size_t log_reads_per_turn = 64;
inline constexpr std::size_t log_read_bytes_per_turn = 4 * 1024 * 1024;
// After a refusal we wait this long for the client to close first, so that it can read why.
inline constexpr std::uint32_t linger_s = 5;
// Acknowledgements and other answers that may wait for a client beside its deliveries; above that it is not read.
inline constexpr std::uint32_t waiting_answers_bytes = 64 * 1024;
// A publisher that does not take its acknowledgements is not read; after this long it is closed (0x97).
inline constexpr std::uint32_t publish_blocked_limit_s = 30;
// Log lines about misbehaving clients, a second; the others are counted.
inline constexpr std::uint32_t client_log_lines_per_second = 5;
// Descriptors kept back for listeners, the poller, files and logs.
inline constexpr std::uint32_t reserved_descriptors = 64;

// What an idle TCP client costs in user memory (at most 500 B), each checked where the type is. Tables
// are at most 3/4 full and half full after they grew: 8-byte slots count as 16.
inline constexpr std::size_t session_bytes = 128;
inline constexpr std::size_t connection_bytes = 64;
inline constexpr std::size_t timer_bytes = 18;     // one timer; its table grows by an eighth
inline constexpr std::size_t registry_bytes = 16;  // a slot of the client-id index
inline constexpr std::size_t idle_client_bytes = session_bytes + connection_bytes + timer_bytes + registry_bytes;

// What a literal subscription to a topic of its own adds, at the gateway and at the shard.
inline constexpr std::size_t filter_bytes = 64;
inline constexpr std::size_t filter_slot_bytes = 16;
inline constexpr std::size_t subscription_list_bytes = 32;  // the smallest allocation
inline constexpr std::size_t topic_entry_bytes = 64;
inline constexpr std::size_t topic_slot_bytes = 16;
inline constexpr std::size_t idle_subscription_bytes =
    filter_bytes + filter_slot_bytes + subscription_list_bytes + topic_entry_bytes + topic_slot_bytes;

}  // namespace headgate::base
