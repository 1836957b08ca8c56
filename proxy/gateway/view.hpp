#pragma once

#include <cstdint>

namespace headgate::proxy::gateway {

// What a worker's gateway counts: plain numbers, copied out by the worker on request.
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
  std::uint64_t wills = 0;              // published
  std::uint64_t refused_malformed = 0;  // clients closed because of what they sent
  std::uint64_t refused_connects = 0;
  std::uint64_t keep_alive_timeouts = 0;
  std::uint64_t connect_timeouts = 0;
  std::uint64_t stored_unreadable = 0;  // sessions and wills in the store that could not be decoded
};

}  // namespace headgate::proxy::gateway
