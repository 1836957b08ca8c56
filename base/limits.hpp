#pragma once

#include <cstddef>
#include <cstdint>

namespace headgate::base {

// The longest there is: limits::max_keep_alive_s when nobody's is shortened.
inline constexpr std::uint16_t any_keep_alive_s = 65535;

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
  // Publishes above QoS 0 of one client that are not acknowledged yet: the Receive Maximum that MQTT 5 clients are
  // told. Who has so many that we have not answered is not read; who leaves so many unfinished (QoS 2) is closed
  // (0x93).
  std::uint16_t inflight_in = 1024;
  // Topic aliases a client may give to us, and we to it: each costs a topic.
  std::uint16_t topic_aliases = 64;
  // Filters one client may hold: each costs about 200 B, and its end must be cheap.
  std::uint32_t max_subscriptions = 100'000;
  // Topics remembered without a literal subscriber, for the cached result of wildcard filters: 64 MB of entries.
  std::uint32_t topic_entries = 1'000'000;
  // Clients at once; 0: as many as descriptors allow.
  std::uint32_t max_clients = 0;
  // The in-memory log of a shard. What it drops is counted for sessions that still wanted it.
  std::uint64_t log_memory_bytes = 64ULL * 1024 * 1024;
  // The retained messages of a shard in memory. A new one that finds no room is delivered but not kept, and counted.
  std::uint64_t retained_memory_bytes = 64ULL * 1024 * 1024;
  // Sessions without a connection that one worker's memory store keeps; 0: as many as memory holds. Above it a session
  // ends with its connection, counted.
  std::uint32_t max_stored_sessions = 0;
  // The longest Keep Alive of an MQTT 5 client: who asks for more, or for none, is told this one (Server Keep Alive).
  // Clients of MQTT 3 cannot be told, and keep their own.
  std::uint16_t max_keep_alive_s = any_keep_alive_s;
  // From accept to a whole CONNECT.
  std::uint32_t connect_timeout_s = 10;
  // Of a shared subscription: a member that is here and does not acknowledge a QoS 1 message for so long has it no
  // longer to itself; 0: it has.
  std::uint32_t redeliver_after_s = 60;
  // And messages of one topic go to one member while it has room, instead of to all in turn.
  bool dispatch_by_topic = false;
  // Log lines about clients that one worker writes in a second; the others are counted. A quarter is kept for warnings.
  std::uint32_t client_lines_per_second = 100;
};

// Read from one client in one turn; 16 KB costs more calls, more lets one client delay the others (measured).
inline constexpr std::size_t read_bytes_per_client = 64 * 1024;
// Read from all clients in one turn, so that deliveries are never far behind.
inline constexpr std::size_t read_bytes_per_turn = 1024 * 1024;
// Written in one turn to clients whose sockets had taken no more and now take it again, a part of what may wait for one
// of them: many who stop and go on together do not delay the others (100 of them by 5 ms without it, measured).
inline constexpr std::size_t pending_bytes_per_turn = 64 * 1024;
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
// Clients that fell behind and are served in one turn.
inline constexpr std::size_t log_reads_per_turn = 64;
// The log that is scanned for all of them: little enough that the live ones, whose messages a turn delivers at its end,
// hardly notice (with 4 MB in each turn their p99 was ten times as long, measured), and where more is appended than
// that so many times what the turn before appended, so that one of them catches up even under full load. Where nothing
// was appended for so long there are no live ones, and longer turns cost less. At most all that is asked for in one
// turn.
inline constexpr std::size_t log_read_bytes_least = 64 * 1024;
inline constexpr std::size_t log_read_times_appended = 4;
inline constexpr std::uint64_t log_read_quiet_ms = 1000;
inline constexpr std::size_t log_read_bytes_quiet = 1024 * 1024;
inline constexpr std::size_t log_read_bytes_per_turn = 4 * 1024 * 1024;
// What a message that is found counts as in those bytes besides its own: it takes about as long to be delivered.
inline constexpr std::uint32_t log_read_message_bytes = 512;
// A client with no more filters than this is read the records of its topics alone, where the log knows where they
// stand: with more there are few logs in which that would be less.
inline constexpr std::uint32_t filters_read_by_topic = 32;
// What looking for the next of them counts as in those bytes: it takes about as long as scanning so much.
inline constexpr std::uint32_t topic_look_bytes = 4096;
// A worker hears at least once in so many offsets how far a shard's stream has come, so that the position of a session
// for which nothing matches is never far behind: little to read again, and few messages about nothing.
inline constexpr std::uint64_t stream_progress_offsets = 4096;
// Batches without anything for the log are dropped when so much waits for the log to commit: QoS 0 may be lost, and
// nothing else bounds it while a log stands still.
inline constexpr std::uint64_t uncommitted_bytes = 16ULL * 1024 * 1024;
// Messages of a shared subscription that its members hold and have not acknowledged, at one shard: enough for many
// members with a full window, few enough that a search among them is cheap.
inline constexpr std::size_t max_group_undone = 2000;
// The log that is read in a turn for all shared subscriptions that are behind: bounds what the turn's streams wait.
inline constexpr std::size_t group_read_bytes_per_turn = 1024 * 1024;
// Retained topics looked at for one answer, matching or not.
inline constexpr std::size_t retained_scan_steps = 1024;
// Steps of TLS handshakes in one turn, each of which may sign with our key: 0.1 ms with ECDSA P-256, 1 ms with RSA, so
// that a storm of handshakes delays those who are there by a few milliseconds at most.
inline constexpr std::uint32_t handshake_steps_per_turn = 8;
// TLS handshakes in progress at one worker, some 45 KB each (measured), 90 KB with the longest certificate of a client;
// above that the oldest gives way, most likely one that will not finish.
inline constexpr std::size_t handshakes_in_progress = 2000;
// What one step of TLS reads from a client's socket, whether it becomes data or not: what OpenSSL takes in by itself,
// as records without data, is as little one client's as data.
inline constexpr std::size_t tls_read_bytes_per_step = read_bytes_per_client;
// Records in a row without data (key updates, new handshakes), of which honest clients send one after millions of
// others; above that the connection ends. As many as BoringSSL takes.
inline constexpr std::uint32_t tls_records_without_data = 32;
// What such a record counts as in a turn's bound: a key update of 27 bytes takes as long as a hundred times as many
// bytes of data.
inline constexpr std::size_t tls_record_cost_bytes = 2048;
// A ClientHello; those with keys for after quantum computers have 2 KB. OpenSSL allows 128 KB, and takes the memory as
// soon as it has heard the length.
inline constexpr std::size_t tls_hello_bytes = 16 * 1024;
// A client's certificate with those of the authorities between: OpenSSL allows 100 KB.
inline constexpr std::size_t tls_certificate_bytes = 32 * 1024;
// Log lines about failed handshakes that one worker writes in a second.
inline constexpr std::uint32_t tls_lines_per_second = 10;
// After a refusal we wait this long for the client to close first, so that it can read why.
inline constexpr std::uint32_t linger_s = 5;
// Acknowledgements and other answers that may wait for a client beside its deliveries; above that it is not read.
inline constexpr std::uint32_t waiting_answers_bytes = 64 * 1024;
// A client that does not take its acknowledgements, or waits for SUBACK before it may go on, is not read; after this
// long it is closed (0x97).
inline constexpr std::uint32_t publish_blocked_limit_s = 30;
// QoS 2 messages of one client whose numbers the store does not have yet, in bytes; with more it is not read. Above the
// largest packet that is usual, so that one alone never waits for itself.
inline constexpr std::uint64_t numbered_bytes = 1024 * 1024;
// QoS 2 messages and wills that a shard knows because they may come again, 60 B each. Of more the oldest half is
// forgotten: whoever sends those again after so many others may be heard twice.
inline constexpr std::size_t max_exchanges = 1'000'000;
// How long a worker that ends waits for its store, which may be away.
inline constexpr std::uint64_t goodbye_patience_s = 5;
// References that wait for one client above its window, 8 bytes each; above that it catches up from the log.
inline constexpr std::size_t max_waiting = 4096;
// What a worker keeps alive of recent batches for those references.
inline constexpr std::uint64_t tail_bytes = 64ULL * 1024 * 1024;
// SUBSCRIBEs of a client that are asked of several shards, or twice: a byte counts them. With more it is not read.
inline constexpr std::uint8_t most_subscribing = 64;
// Messages sent again to a client that came back, asked for at once.
inline constexpr std::size_t resends_per_fetch = 64;
// And the filters that they are compared with, for their Subscription Identifiers: some milliseconds.
inline constexpr std::size_t filters_compared_per_fetch = 65'536;
// Retained messages given for one filter in one step, and their bytes.
inline constexpr std::uint32_t retained_per_step = 1000;
inline constexpr std::uint32_t retained_bytes_per_step = 256 * 1024;
// Messages of shared subscriptions that one member is offered room for before it has acknowledged any: so that many who
// acknowledge nothing, and hold what they have for ever, leave their group most of max_group_undone.
inline constexpr std::uint32_t group_places_per_member = 64;
// And those that it takes all the same: what shards had sent already when they heard that there is less room.
inline constexpr std::uint32_t max_member_undone = 2 * group_places_per_member;
// Held messages that were asked for and have not come in so long went to somebody else, or are gone.
inline constexpr std::uint32_t group_asked_s = 2;
// After a change of rights what is held goes back so much later, when all workers know of it; while rules change all
// the time, after so long.
inline constexpr std::uint32_t group_recall_s = 2;
inline constexpr std::uint32_t group_recall_limit_s = 10;
// Messages of shared subscriptions that one client alone may be shown, and that wait until it has room, while others go
// on: 16 B each at its worker, 40 B at the shard. More than a burst that fits into a turn. Above that they are refused.
inline constexpr std::size_t max_group_held = 4096;
// Of these, so many are asked for in one turn.
inline constexpr std::size_t group_held_per_turn = 64;
// The holder of a session that does not give it up for so long loses it.
inline constexpr std::uint32_t takeover_patience_s = 1;

// What clients have acknowledged is stored once a second at most. So many sessions of a worker a turn, and so many at
// the store at once: a CONNECT waits behind these.
inline constexpr std::size_t checkpoints_per_turn = 256;
inline constexpr std::size_t max_checkpoints_open = 4096;
// A session is stored as a whole: one with more filters than these only every other second, with more than twice as
// many every third, and so on.
inline constexpr std::size_t checkpointed_filters = 1000;
// And that of sessions whose clients have nothing to acknowledge, so that a log which has nothing for them is not read
// from far back after a crash.
inline constexpr std::uint32_t quiet_checkpoint_s = 3600;
// Sessions and wills that fell due and are taken in one sweep of the memory store, so that an hour in which many
// sessions end together does not stop a turn for longer than some milliseconds; the rest is for the next sweep.
inline constexpr std::size_t due_per_sweep = 8192;
// Wills that a worker has from the store and the log has not: while it is so many, or so much, nothing more is swept,
// and no client may bring another one that would wait here; the rest of a sweep, and those of clients that are here
// already, come on top. A log takes those of a sweep within the turn; one that is full does not.
inline constexpr std::uint32_t max_waiting_wills = 4 * due_per_sweep;
inline constexpr std::size_t max_waiting_will_bytes = 64 * 1024 * 1024;
// Of those that a shard refused, so many are tried in a second, the oldest: for each that it takes the next one is
// tried at once.
inline constexpr std::size_t refused_wills_tried = 16;
// What a worker keeps of the answers about rights, 128 B each: enough for what its clients publish to and are shown in
// turn, and 2 MiB, which only a worker with rules pays. Two in a row are a set.
inline constexpr std::size_t rights_cache_entries = 16 * 1024;
// A turn's part of the way through all sessions after rights or users have changed, so that a turn is lengthened by a
// few milliseconds at most: a session is one step, a subscription whose rights are asked for anew so many.
inline constexpr std::uint32_t change_walk_steps = 8192;
inline constexpr std::uint32_t change_walk_subscription_steps = 8;
// How long log lines about clients may be left out before a line says how many they were.
inline constexpr std::uint32_t left_out_lines_told_s = 10;
// Places of clients, filters or topics that one step of an operator's question looks at, so that it does not lengthen a
// turn by more than a millisecond, however many there are.
inline constexpr std::uint32_t inspect_steps = 8192;
// Clients or topics that one such step describes: an address costs a system call.
inline constexpr std::size_t inspected_per_step = 256;
// Subscriptions shown of one client, and filters shown of one topic.
inline constexpr std::size_t inspected_at_most = 1000;
// Questions of operators at once that look through clients or topics: each may take its step in the same turn of a
// worker, so that more would delay clients. Above that they are refused.
inline constexpr std::uint32_t admin_walks = 4;
// Measurements at once: one for each connection to the admin listener, and those of the server itself.
inline constexpr std::uint32_t admin_measurements = 80;
// How long a worker may take to answer one.
inline constexpr std::uint32_t admin_patience_ms = 5000;
// Descriptors kept back for listeners, pollers, files, logs, and those who ask the admin listener.
inline constexpr std::uint32_t reserved_descriptors = 128;
// Connections to the admin listener; more are closed at once. A Prometheus or two, health checks and some people.
inline constexpr std::size_t admin_connections = 64;
// Of an HTTP request to it: the header holds a client id or topic at most, and no request needs a body.
inline constexpr std::uint32_t admin_header_bytes = 8 * 1024;
inline constexpr std::uint32_t admin_body_bytes = 64 * 1024;
// From the first byte of such a request to its last, until an answer is there, and until the peer has taken it.
inline constexpr std::uint32_t admin_request_ms = 10'000;
inline constexpr std::uint32_t admin_answer_ms = 10'000;
inline constexpr std::uint32_t admin_send_ms = 30'000;
// Without a request; above what scrapes lie apart.
inline constexpr std::uint32_t admin_idle_ms = 60'000;

// By how much the threads that compute password hashes give way to the workers (nice): a worker that wakes runs at
// once, and one that wants all of a core they share gets nine tenths of it. More would keep devices from coming in
// while the workers have much to do.
inline constexpr int password_hash_niceness = 10;
// Passwords that wait for these threads: some seconds of work, as devices wait for their CONNACK. Above it CONNECT is
// refused (0x89).
inline constexpr std::uint32_t waiting_passwords = 4096;
inline constexpr std::size_t waiting_password_bytes = 16 * 1024 * 1024;  // of them: one may have 64 KiB
// How long a password that was right needs no hash again, so that a fleet that comes back after a restart of its
// network costs little; and one that was wrong, so that a device that tries and tries costs nothing.
inline constexpr std::uint32_t right_password_s = 300;
inline constexpr std::uint32_t wrong_password_s = 30;
// Such passwords that one worker remembers, in 24 bytes each: 1.5 MiB, from the first of them on.
inline constexpr std::size_t known_passwords = 64 * 1024;
// Wrong passwords of one address: more than a person or a few devices behind one address enter in a row, and then as
// many as a person can type. Guessing is hopeless at that rate, and its hashes cost nothing.
inline constexpr std::uint32_t wrong_passwords_in_a_row = 20;
inline constexpr std::uint32_t wrong_password_pause_ms = 1000;
// Addresses with failures that one worker remembers, in 16 bytes each: 256 KiB, from the first of them on.
inline constexpr std::size_t failing_addresses = 16 * 1024;
// Passwords of one worker that wait because others of their address are being checked, and their bytes: devices behind
// one address or a load balancer that come back together. Above it they are refused (0x9f).
inline constexpr std::size_t deferred_passwords = 16 * 1024;
inline constexpr std::size_t deferred_password_bytes = 8 * 1024 * 1024;

// What an idle TCP client costs in user memory (at most 500 B), each checked where the type is. Tables
// are at most 3/4 full and half full after they grew: 8-byte slots count as 16.
inline constexpr std::size_t session_bytes = 192;
inline constexpr std::size_t connection_bytes = 64;
inline constexpr std::size_t timer_bytes = 18;  // one timer; its table grows by an eighth

// What the memory store adds for a client, connected or not, that has a client id of up to 23 bytes.
inline constexpr std::size_t directory_entry_bytes = 80;
inline constexpr std::size_t directory_slot_bytes = 16;
inline constexpr std::size_t directory_bytes = directory_entry_bytes + directory_slot_bytes;
inline constexpr std::size_t idle_client_bytes = session_bytes + connection_bytes + timer_bytes + directory_bytes;
// And what it adds for a session that is stored, besides the bytes of its record and its will and 16 B for each of
// these and for itself that the allocator takes.
inline constexpr std::size_t stored_session_bytes = 64;
inline constexpr std::size_t due_time_bytes = 16;

// What a literal subscription to a topic of its own adds, at the gateway and at the shard.
inline constexpr std::size_t filter_bytes = 64;
inline constexpr std::size_t filter_slot_bytes = 16;
inline constexpr std::size_t subscription_list_bytes = 32;  // the smallest allocation
inline constexpr std::size_t topic_entry_bytes = 64;
inline constexpr std::size_t topic_slot_bytes = 16;
inline constexpr std::size_t idle_subscription_bytes =
    filter_bytes + filter_slot_bytes + subscription_list_bytes + topic_entry_bytes + topic_slot_bytes;

}  // namespace headgate::base
