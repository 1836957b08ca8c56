#include "loadtest/commands/run_request.hpp"

#include <limits>
#include <random>
#include <stdexcept>
#include <string>

#include "loadtest/plan/kind.hpp"

namespace headgate::loadtest::commands {

void add_run_options(CLI::App& command, run_request& request) {
  const auto pids = plan::numbers(1, std::numeric_limits<int>::max());
  const auto set_pid = [&request, pids](const std::string& text) {
    const auto pid = pids.parse(text);
    if (!pid) throw CLI::ValidationError(plan::refusal("--server-pid", text, pids.accepts));
    request.run.server_pid = static_cast<int>(*pid);
  };
  const std::string heading = "Results";
  command
      .add_option(
          "--json", request.output.json_file,
          "Where the results are written as JSON as well; -: to standard output, and the table to standard error")
      ->type_name("FILE")
      ->take_last()
      ->group(heading);
  command.add_flag("--quiet", request.output.is_quiet, "No progress while it runs")->group(heading);
  command
      .add_option_function<std::string>("--server-pid", set_pid,
                                        "The server's process on this machine, whose CPU time and memory are measured")
      ->type_name("PID")
      ->take_last()
      ->group(heading);
  command.add_option("--counters", request.run.counters, "File of the library that counts calls in the server")
      ->type_name("FILE")
      ->take_last()
      ->group(heading);
  command
      .add_flag("--announce", request.run.announces,
                "One line on standard error when measuring begins, and one when it ends")
      ->group(heading);
}

int carry_out(const core::plan& plan, const run_request& request) {
  if (plan.measuring.server_cpu_ns > 0 && request.run.server_pid == 0)
    throw std::runtime_error(
        "a limit of the server's CPU time needs the server's process: give --server-pid, or take the limit "
        "(--cpu-seconds, or server_cpu in a plan) out");
  return run_plan(plan, request.run, request.output);
}

std::uint32_t random_run_id() {
  return std::random_device{}();
}

}  // namespace headgate::loadtest::commands
