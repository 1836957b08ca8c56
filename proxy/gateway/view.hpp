#pragma once

#include <cstdint>

#include "base/latency_histogram.hpp"

namespace headgate::proxy::gateway {

// What a worker's gateway counts: plain numbers, copied out by the worker on request. Totals since the start, but for
// those that say that they are gauges.
struct gateway_view {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connects = 0;
  std::uint64_t sessions_resumed = 0;
  std::uint64_t takeovers = 0;         // sessions that a client of this worker lost to another connection
  std::uint64_t takeovers_forced = 0;  // taken from a holder that did not answer
  std::uint64_t clients = 0;
  std::uint64_t filters = 0;
  std::uint64_t publishes_in_qos0 = 0;
  std::uint64_t publishes_in_qos1 = 0;
  std::uint64_t publishes_in_qos2 = 0;
  std::uint64_t publishes_repeated = 0;  // QoS 2 packet ids that were there already
  std::uint64_t publishes_refused = 0;   // not allowed to their client
  std::uint64_t subscribes_refused = 0;  // filters of which their client may read nothing
  // Messages that a subscription of a client brought, or that it was to be sent again, and that it may not read; of a
  // group those at QoS 0 that none of its members here may read (above it: shard_view::group_refused).
  std::uint64_t deliveries_refused = 0;
  std::uint64_t wills_refused = 0;  // not allowed to their client when they were due
  std::uint64_t deliveries_out_qos0 = 0;
  std::uint64_t deliveries_out_qos1 = 0;
  std::uint64_t deliveries_out_qos2 = 0;
  std::uint64_t deliveries_repeated = 0;  // sent again to clients that came back
  std::uint64_t deliveries_retained = 0;
  std::uint64_t acknowledgements_in = 0;
  std::uint64_t acknowledgements_unknown = 0;
  std::uint64_t encodings = 0;            // PUBLISH packets encoded; shared ones once
  std::uint64_t dropped_output_full = 0;  // QoS 0 to a client that does not read
  std::uint64_t dropped_too_large = 0;    // over the client's Maximum Packet Size [MQTT-3.1.2-25]
  std::uint64_t dropped_expired = 0;
  // Offsets that a client behind could no longer be given; possibly not its own.
  std::uint64_t lost_below_log_start = 0;
  std::uint64_t lost_inflight = 0;      // messages to be sent again that the log no longer has
  std::uint64_t waiting = 0;            // times a client's window was full and references began to wait for it
  std::uint64_t catching_up = 0;        // times a client fell back to reading the log
  std::uint64_t group_returns = 0;      // messages of shared subscriptions given back
  std::uint64_t group_redelivered = 0;  // from members that are here and did not acknowledge in time
  std::uint64_t group_held = 0;         // kept back until a member that may be shown it has room
  std::uint64_t group_overrun = 0;      // refused since who may be shown it has so much kept back already
  std::uint64_t wills = 0;              // published, and in the log if they have a place there
  std::uint64_t refused_malformed = 0;  // clients closed because of what they sent
  std::uint64_t refused_connects = 0;
  // Of these, why the client may not come in.
  std::uint64_t refused_passwords = 0;     // 0x86
  std::uint64_t refused_unauthorized = 0;  // 0x87: no user name, a will that it may not publish, another user's session
  std::uint64_t refused_busy = 0;          // 0x89: as many passwords are being checked as may be
  std::uint64_t refused_rate = 0;          // 0x9F: too many wrong passwords from its address
  std::uint64_t keep_alive_timeouts = 0;
  std::uint64_t connect_timeouts = 0;
  std::uint64_t checkpoints = 0;         // sessions stored because their clients had acknowledged something
  std::uint64_t stored_unreadable = 0;   // sessions and wills in the store that could not be decoded
  std::uint64_t log_lines_left_out = 0;  // about clients, because there were too many

  std::uint64_t packets_in = 0;         // whole MQTT packets, of all types
  std::uint64_t packets_out = 0;        // handed to sockets, whether or not the client was there to read them
  std::uint64_t publish_bytes_in = 0;   // of the payloads of publishes_in_*
  std::uint64_t publish_bytes_out = 0;  // of the payloads of deliveries_out_* and deliveries_repeated

  // Why connections of connected clients ended; each is counted once.
  std::uint64_t ended_by_client = 0;   // DISCONNECT
  std::uint64_t ended_by_network = 0;  // without a word
  std::uint64_t ended_by_keep_alive = 0;
  std::uint64_t ended_by_takeover = 0;
  std::uint64_t ended_by_operator = 0;  // kicked
  std::uint64_t ended_by_error = 0;     // what the client sent was wrong, or too much
  std::uint64_t ended_by_shutdown = 0;

  // Gauges.
  std::uint64_t connects_pending = 0;          // CONNECTs that wait for a password, a store or a holder; also whose
                                               // client has gone meanwhile
  std::uint64_t subscribes_pending = 0;        // SUBSCRIBEs that wait for their shards
  std::uint64_t subscriptions = 0;             // of all connected clients; also those that wait for their shards
  std::uint64_t shared_subscriptions = 0;      // of these, those to $share filters
  std::uint64_t sessions_waiting = 0;          // have references waiting, since their window or output was full
  std::uint64_t sessions_behind = 0;           // read the log in at least one shard, or wait there for what is retained
  std::uint64_t publishes_unacknowledged = 0;  // on their way into a log, with wills and what is retained at QoS 0
  std::uint64_t wills_waiting = 0;             // for the log, or for the store of sessions to forget them
  std::uint64_t tail_bytes = 0;                // kept of recent batches, for those who wait
  std::uint64_t output_pending_bytes = 0;      // what sockets did not take, of all clients

  // Both begin when the turn begins to read in which the gateway took the PUBLISH (for a will: the turn that handed it
  // to its shard), and end when the output of a turn, or of a part of it, has gone to the sockets; a socket that did
  // not take it counts as one that did.
  //
  // Of each PUBLISH above QoS 0 that went into a log and whose client was there to be answered: to PUBACK or PUBREC.
  // Not of one that was refused, or repeated (QoS 2), and answered at once.
  base::latency_histogram publish_to_acknowledgement;
  // Of each delivery, to the flush to that subscriber: deliveries_out_* and deliveries_repeated without
  // deliveries_retained. Of what waited for room, was read from the log, or is sent again to a client that came back,
  // the time since its shard stamped the record, to 1 ms (the wall clock's).
  base::latency_histogram publish_to_delivery;
};

}  // namespace headgate::proxy::gateway
