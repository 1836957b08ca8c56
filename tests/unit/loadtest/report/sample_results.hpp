#pragma once

#include "loadtest/core/results.hpp"

namespace headgate::loadtest::report {

// A good run: two milliseconds for each of 1,000 deliveries, but for a few.
inline core::results good_results() {
  core::results results;
  results.name = "pairs";
  results.started = "2026-01-02T03:04:05Z";
  results.conditions = {{"clients", "100"}, {"qos", "1"}};
  results.connecting_s = 0.25;
  results.measured_s = 2;
  results.connections.attempts = 101;
  results.connections.accepted = 100;
  results.connections.failed = 1;
  results.connections.most_at_once = 100;
  results.connections.reasons = {{"connection refused", 1}};
  results.messages = {1000, 1000, 1000, 64'000, 0, 0, 0};
  results.connect.record(300'000, 100);
  results.acknowledge.record(1'000'000, 1000);
  results.deliver.record(2'000'000, 995);
  results.deliver.record(50'000'000, 5);
  results.generator.cpu_s = 0.02;
  results.generator.busy = 0.25;
  results.generator.resident_bytes = 12'000'000;
  results.generator.bytes_per_client = 280;
  results.generator.lag.record(5'000, 1000);
  results.audited = true;
  results.audit.required = 1000;
  results.audit.received = 1000;
  results.audit.memory_bytes = 4096;
  results.audit.memory_limit = 512ULL * 1024 * 1024;
  return results;
}

// One in which everything that can be told is told.
inline core::results bad_results() {
  auto results = good_results();
  results.is_open_loop = true;
  results.interrupted = true;
  results.messages.connects = 7;
  results.messages.subscribes = 8;
  results.messages.refusals = 9;
  results.connections.full_handshakes = 90;
  results.connections.resumed_handshakes = 10;
  results.connections.refused = 2;
  results.connections.ended_by_server = 3;
  results.connections.ended_by_plan = 4;
  results.connections.unanswered = 5;
  results.generator.blocked_s = 1.5;
  results.generator.limited = {"its thread was busy 99 % of the time"};
  core::server_figures server;
  server.pid = 4242;
  server.cpu_s = 0.01;
  server.anonymous_bytes_before = 1 << 20U;
  server.anonymous_bytes_connected = 2 << 20U;
  server.anonymous_bytes_after = 3 << 20U;
  server.bytes_per_client = 512.5;
  server.calls = {{"epoll_wait", 250}, {"send", 1000}};
  results.server = server;
  auto& audit = results.audit;
  for (std::size_t kind = 0; kind < core::fault_kinds; ++kind) {
    audit.counts[kind] = kind + 1;
    audit.findings.push_back({static_cast<core::fault_kind>(kind), 3, 7, 4711, 4712 + kind});
  }
  audit.qos0_dropped = 11;
  audit.duplicated_with_reason = 12;
  audit.in_doubt = 13;
  audit.refused = 14;
  audit.expired = 15;
  audit.foreign = 16;
  audit.complete = false;
  results.unsent = 17;
  results.windows_reopened = 18;
  results.notes = {"nobody receives what group p publishes"};
  results.failures = {"nothing was delivered for 10 s"};
  return results;
}

}  // namespace headgate::loadtest::report
