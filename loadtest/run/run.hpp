#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "loadtest/core/plan.hpp"
#include "loadtest/core/results.hpp"

namespace headgate::loadtest::run {

struct run_options {
  int server_pid = 0;      // a local process whose CPU time and memory are measured; 0: none
  std::string counters;    // file of the library that counts calls in the server; empty: none
  bool announces = false;  // one line on standard error when measuring begins and one when it ends
};

// Called about once a second.
using progress_handler = std::function<void(const core::progress&)>;

// Carries a plan out, on the calling thread, and always ends: at the plan's end, soon after `stop` is set (a signal
// handler may do that, and interrupts the wait), or when nothing moves any more. Throws std::exception with a sentence
// when it cannot begin: a name that cannot be resolved, too few descriptors, no such server process.
core::results carry_out(const core::plan& plan, const run_options& options, const progress_handler& on_progress,
                        const std::atomic<bool>& stop);

}  // namespace headgate::loadtest::run
