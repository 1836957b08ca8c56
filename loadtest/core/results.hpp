#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadtest/core/audit.hpp"
#include "loadtest/core/histogram.hpp"

// What a run found: plain structs, which loadtest/report prints, writes as JSON and compares.
namespace headgate::loadtest::core {

// From the start of the run to its end.
struct connection_counts {
  std::uint64_t attempts = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;          // by CONNACK
  std::uint64_t failed = 0;           // no TCP or TLS connection, or closed before CONNACK
  std::uint64_t ended_by_server = 0;  // after CONNACK, and not by plan
  std::uint64_t ended_by_plan = 0;
  std::uint64_t unanswered = 0;  // closed by us: no CONNACK, SUBACK or PINGRESP in time
  std::uint64_t most_at_once = 0;
  // TLS connections that stood, by how they were made.
  std::uint64_t full_handshakes = 0;
  std::uint64_t resumed_handshakes = 0;
  std::vector<std::pair<std::string, std::uint64_t>> reasons;  // why, in words, and how often
};

// Between the two ends of measuring.
struct message_counts {
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t delivered_bytes = 0;  // of payload
  std::uint64_t connects = 0;         // accepted
  std::uint64_t subscribes = 0;       // of groups with a churn_rate: SUBSCRIBEs answered
  std::uint64_t refusals = 0;         // of groups that are to be refused
};

struct generator_figures {
  double cpu_s = 0;                    // of this process, while measuring
  double busy = 0;                     // share of the time that its thread did not wait, 0 to 1
  std::uint64_t resident_bytes = 0;    // its own, at the end of measuring
  std::uint64_t bytes_per_client = 0;  // user memory (heap) that its clients took, connected and subscribed; 0: unknown
  histogram lag;                       // from the instant a message could and should have been sent to when it was
  double blocked_s =
      0;  // sum over publishers: time with messages due while window, Receive Maximum or socket were full
  // Sentences: why the figures are the generator's own limit, not the server's. Empty in a good run.
  std::vector<std::string> limited;
};

struct server_figures {
  int pid = 0;
  double cpu_s = 0;                             // while measuring
  std::uint64_t anonymous_bytes_before = 0;     // RssAnon before the first connection,
  std::uint64_t anonymous_bytes_connected = 0;  // when measuring began,
  std::uint64_t anonymous_bytes_after = 0;      // and when it ended
  double bytes_per_client = 0;                  // of idle clients: see the form `conn`
  // Calls counted by a library in the server (--counters), while measuring.
  std::vector<std::pair<std::string, std::uint64_t>> calls;
};

struct results {
  std::string name;                                             // of the plan
  std::vector<std::pair<std::string, std::string>> conditions;  // in words: "clients" "100", "qos" "1", …
  std::string started;                                          // RFC 3339, UTC
  bool interrupted = false;
  double connecting_s = 0;  // until all that the plan connects at the start was ready
  double measured_s = 0;
  connection_counts connections;
  message_counts messages;
  histogram connect;      // from the start of a connection to its CONNACK, also to one that was to refuse it
  histogram acknowledge;  // from the intended send time to PUBACK or PUBCOMP
  histogram deliver;      // from the intended send time to the end of the read that brought it
  bool is_open_loop = false;
  generator_figures generator;
  std::optional<server_figures> server;
  bool audited = false;
  verdict audit;
  // Messages that were due by a schedule and had not been sent when measuring ended: their latencies are missing.
  std::uint64_t unsent = 0;
  // How often a publisher in a closed loop went on although its window was full, because nothing had come for 2 s.
  std::uint64_t windows_reopened = 0;
  // Sentences: what the reader should know, such as that nobody receives what is published.
  std::vector<std::string> notes;
  // Sentences: what makes the run worthless, such as nothing delivered for 10 s. Empty in a good run.
  std::vector<std::string> failures;

  // The exit status of the run: 0 good, 1 the audit found faults or could not tell, or the run failed.
  int exit_status() const { return failures.empty() && audit.complete && audit.faults() == 0 ? 0 : 1; }
};

// While it runs, about once a second.
struct progress {
  enum class phase : std::uint8_t { connecting, warming_up, measuring, settling } what = phase::connecting;
  double elapsed_s = 0;  // of this phase
  double total_s = 0;    // of this phase, where it is known; else 0
  std::uint64_t connected = 0;
  std::uint64_t clients = 0;
  double sent_per_s = 0;  // since the last progress
  double delivered_per_s = 0;
  std::uint64_t p99_us = 0;  // of all deliveries (or acknowledgements, or connects) while measuring so far
  std::uint64_t faults = 0;  // found so far
};

}  // namespace headgate::loadtest::core
