#pragma once

#include <string>

#include "loadtest/core/plan.hpp"
#include "loadtest/run/run.hpp"

namespace headgate::loadtest::commands {

// Options of every command that carries out a plan.
struct output_options {
  std::string json_file;  // "-": standard output, and the table to standard error; empty: none
  bool is_quiet = false;  // no progress
};

// Carries out the plan with progress while it runs, prints the table, writes the JSON. Ctrl-C (SIGINT) and SIGTERM end
// the run with its results, a second one at once. Returns the exit status.
int run_plan(const core::plan& plan, const run::run_options& options, const output_options& output);

}  // namespace headgate::loadtest::commands
