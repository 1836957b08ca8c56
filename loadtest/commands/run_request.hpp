#pragma once

#include <CLI/CLI.hpp>

#include "loadtest/commands/run_plan.hpp"

namespace headgate::loadtest::commands {

// What every command that carries out a plan takes besides the plan.
struct run_request {
  run::run_options run;
  output_options output;
};

// The request outlives the command's callback.
void add_run_options(CLI::App& command, run_request& request);

// Throws a sentence if the plan wants what the request does not give.
int carry_out(const core::plan& plan, const run_request& request);

// A random number of this run.
std::uint32_t random_run_id();

}  // namespace headgate::loadtest::commands
