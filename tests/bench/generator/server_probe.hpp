#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "loadtest/run/call_counters.h"
#include "json_object.hpp"

namespace headgate::bench {

// All that is read at one instant.
struct instant {
  std::uint64_t wall_ns = 0;
  std::uint64_t server_cpu_ns = 0;
  std::uint64_t generator_cpu_ns = 0;
  std::uint64_t published = 0;
  std::uint64_t deliveries = 0;
  std::array<std::uint64_t, headgate_bench_counter_count> counters{};
};

// Looks at the server from outside: its CPU time and memory in /proc, and the counters of count_calls.c.
class server_probe {
 public:
  // Without a pid there is no CPU time, without a file no counters; then those are zero.
  server_probe(int pid, const std::string& counters_file);
  ~server_probe();
  server_probe(const server_probe&) = delete;
  server_probe& operator=(const server_probe&) = delete;

  bool has_pid() const { return pid_ != 0; }
  bool has_counters() const { return counters_ != nullptr; }
  instant look() const;
  // Nanoseconds that all threads ran, by the scheduler's own account.
  std::uint64_t cpu_ns() const;
  // Bytes of RssAnon: memory of the process alone, without files and shared memory.
  std::uint64_t anonymous_memory() const;

  // Writes what lies between two instants: the figures that every workload has.
  void report(const instant& from, const instant& to, json_object& out) const;

 private:
  int pid_;
  const headgate_bench_counters* counters_ = nullptr;
};

}  // namespace headgate::bench
