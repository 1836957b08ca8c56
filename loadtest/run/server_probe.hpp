#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "loadtest/run/call_counters.h"

namespace headgate::loadtest::run {

using call_counts = std::array<std::uint64_t, headgate_bench_counter_count>;

// Looks at a local server from outside: its CPU time and memory in /proc, and the counters of a library in it.
class server_probe {
 public:
  // Without a pid there is no CPU time, without a file no counters. Throws std::runtime_error with a sentence.
  server_probe(int pid, const std::string& counters_file);
  ~server_probe();
  server_probe(const server_probe&) = delete;
  server_probe& operator=(const server_probe&) = delete;

  bool has_process() const { return pid_ != 0; }
  // Nanoseconds that all threads have run, by the scheduler's own account; 0 of a process that has ended.
  std::uint64_t cpu_ns() const;
  // Bytes of RssAnon: memory of the process alone, without files and shared memory; 0 of a process that has ended.
  std::uint64_t anonymous_bytes() const;
  call_counts calls() const;
  // What was called between two looks, by name; "allocations" among them.
  std::vector<std::pair<std::string, std::uint64_t>> named(const call_counts& from, const call_counts& to) const;

 private:
  int pid_;
  const headgate_bench_counters* counters_ = nullptr;
};

}  // namespace headgate::loadtest::run
