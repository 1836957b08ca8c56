#include "loadtest/commands/run_plan.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "loadtest/commands/progress_output.hpp"
#include "loadtest/commands/result_file.hpp"
#include "loadtest/commands/standard_streams.hpp"
#include "loadtest/report/conditions.hpp"
#include "loadtest/report/table.hpp"
#include "loadtest/report/write_json.hpp"

namespace headgate::loadtest::commands {

namespace {

// A signal handler can reach nothing else.
std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);

// The first signal ends the run with its results, the next one the process, as if nobody had handled it.
void on_signal(int number) {
  if (stop_asked.exchange(true)) {
    ::signal(number, SIG_DFL);
    ::raise(number);
    return;
  }
  constexpr char text[] = "\nheadgate-loadtest: the run ends with its results; once more ends it at once\n";
  const auto ignored = ::write(STDERR_FILENO, text, sizeof text - 1);
  static_cast<void>(ignored);
}

// While it lives, signals ask the run to stop.
class stopping_by_signal {
 public:
  stopping_by_signal() {
    stop_asked = false;
    struct sigaction action {};
    action.sa_handler = on_signal;  // without SA_RESTART: it interrupts the wait
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, &interrupt_);
    ::sigaction(SIGTERM, &action, &terminate_);
  }
  ~stopping_by_signal() {
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
  }
  stopping_by_signal(const stopping_by_signal&) = delete;
  stopping_by_signal& operator=(const stopping_by_signal&) = delete;

 private:
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
};

core::results run_with_progress(const core::plan& plan, const run::run_options& options, bool is_quiet) {
  const stopping_by_signal signals;
  progress_output progress(::isatty(STDERR_FILENO) == 1);
  const auto show = [&](const core::progress& now) {
    if (!is_quiet) progress.show(now);
  };
  try {
    auto results = run::carry_out(plan, options, show, stop_asked);
    progress.end();
    return results;
  } catch (...) {
    progress.end();
    throw;
  }
}

}  // namespace

int run_plan(const core::plan& plan, const run::run_options& options, const output_options& output) {
  const bool json_to_output = output.json_file == "-";
  const bool json_to_file = !output.json_file.empty() && !json_to_output;
  if (json_to_file) check_result_file(output.json_file);
  auto results = run_with_progress(plan, options, output.is_quiet);
  if (results.conditions.empty()) results.conditions = report::conditions_of(plan);
  // The file first: who reads the table of a long run may have gone.
  if (json_to_file) {
    try {
      write_result_file(output.json_file, report::write_json(results));
    } catch (const std::exception& error) {
      write_output(report::table(results, ::isatty(STDOUT_FILENO) == 1));
      throw;
    }
  }
  if (json_to_output) {
    write_error(report::table(results, ::isatty(STDERR_FILENO) == 1));
    write_output(report::write_json(results));
  } else {
    write_output(report::table(results, ::isatty(STDOUT_FILENO) == 1));
  }
  return results.exit_status();
}

}  // namespace headgate::loadtest::commands
