#pragma once

#include <cstdint>

namespace headgate::proxy::gateway {

// What a worker's gateway counts: plain numbers, copied out by the worker on request.
struct gateway_view {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connects = 0;
  std::uint64_t takeovers = 0;
  std::uint64_t clients = 0;
  std::uint64_t filters = 0;
  std::uint64_t publishes_in_qos0 = 0;
  std::uint64_t publishes_in_qos1 = 0;
  std::uint64_t deliveries_out_qos0 = 0;
  std::uint64_t deliveries_out_qos1 = 0;
  std::uint64_t acknowledgements_in = 0;
  std::uint64_t acknowledgements_unknown = 0;
  std::uint64_t encodings = 0;            // PUBLISH packets encoded; shared ones once
  std::uint64_t dropped_output_full = 0;  // QoS 0 to a client that does not read
  std::uint64_t dropped_too_large = 0;    // over the client's Maximum Packet Size [MQTT-3.1.2-25]
  std::uint64_t dropped_expired = 0;
  std::uint64_t lost_below_log_start =
      0;                                // offsets that a client behind could no longer be given; possibly not its own
  std::uint64_t catching_up = 0;        // times a client fell back to reading the log
  std::uint64_t refused_malformed = 0;  // clients closed because of what they sent
  std::uint64_t refused_connects = 0;
  std::uint64_t keep_alive_timeouts = 0;
  std::uint64_t connect_timeouts = 0;
  std::uint64_t retain_ignored = 0;  // RETAIN of MQTT 3.1.1 clients, delivered but not kept
};

}  // namespace headgate::proxy::gateway
