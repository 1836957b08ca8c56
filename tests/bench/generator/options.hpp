#pragma once

#include <cstdint>
#include <string>

#include "mqtt/types.hpp"

namespace headgate::bench {

// What the command line asks for. A zero where "by workload" is said is replaced by the workload's own number.
struct options {
  std::string workload;  // pairs, fanout, fanin, latency, idle, connects
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  mqtt::version version = mqtt::version::v3_1_1;
  mqtt::qos qos = mqtt::qos::at_most_once;

  std::uint32_t pairs = 50;
  std::uint32_t topics_per_pair = 1;
  std::uint32_t subscribes = 0;       // of pairs: so many SUBSCRIBEs and UNSUBSCRIBEs a second beside
  std::uint32_t publishers = 1'000;   // of fanin
  std::uint32_t subscribers = 1'000;  // of fanout
  bool own_topics = false;            // of fanin: a topic a publisher under one wildcard filter, not one topic for all
  std::uint32_t window = 0;           // published minus received by the slowest subscriber; by workload
  std::uint32_t payload_size = 64;
  std::uint32_t rate = 5'000;  // of latency, messages a second
  std::uint64_t seed = 1;      // of the order of topics

  std::uint32_t clients_low = 5'000;  // of idle
  std::uint32_t clients_high = 15'000;
  bool subscribed = false;        // of idle: one subscription each
  std::uint32_t in_flight = 100;  // of connects

  double warm_up_s = 1;
  std::uint64_t warm_up_messages = 0;  // steady workloads: so many deliveries as well before measuring
  double cpu_seconds = 10;             // ends the measuring when the server has used this much; needs server_pid
  double max_seconds = 60;             // ends the measuring in any case
  std::uint64_t messages = 0;          // ends the measuring after so many deliveries or connects; 0: no such limit
  double stall_seconds = 10;           // without any progress for so long the run has failed

  int server_pid = 0;
  std::string counters;   // the file that count_calls writes
  bool announce = false;  // one line on stderr when measuring starts and when it ends
};

// Exits by itself on --help and on an option that is wrong.
options parse_options(int count, char** arguments);

}  // namespace headgate::bench
