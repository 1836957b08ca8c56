#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "loadtest/commands/command.hpp"
#include "loadtest/commands/standard_streams.hpp"
#include "loadtest/report/compare.hpp"
#include "loadtest/report/read_json.hpp"

namespace headgate::loadtest::commands {

namespace {

struct compare_options {
  std::string a;
  std::string b;
  std::vector<std::string> limits;
};

report::report_file read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), "cannot read " + name);
  // A directory can be opened, but not read.
  if (std::filesystem::is_directory(name)) throw std::runtime_error("cannot read " + name + ": it is a directory");
  return report::read_json({std::istreambuf_iterator<char>(file), {}}, name);
}

int compare(const compare_options& options) {
  std::vector<report::limit> limits;
  for (const auto& text : options.limits) limits.push_back(report::parse_limit(text));
  const auto a = read_file(options.a);
  const auto b = read_file(options.b);
  const auto found = report::compare(a, b, limits);
  write_output(report::comparison_text(found, ::isatty(STDOUT_FILENO) == 1));
  return found.exit_status();
}

}  // namespace

void add_compare_command(CLI::App& app, command_line& line) {
  const auto options = std::make_shared<compare_options>();
  auto* command = app.add_subcommand("compare", "Prints what changed between two results, and fails past a limit");
  command->add_option("A", options->a, "Results to compare with: a file that --json wrote")->required();
  command->add_option("B", options->b, "Results that are judged")->required();
  command
      ->add_option("--limit", options->limits,
                   "METRIC=RATIO, perhaps several: B may be so many times worse than A. Where less is better, as with "
                   "latencies, B may be at most RATIO times A; where more is better, as with rates, at least A divided "
                   "by RATIO; where neither is, both")
      ->expected(1)
      ->take_all();
  command->footer(
      "Exit status 1 when B is past a limit, and when B's own run ended with 1: it failed, or its audit found faults.\n"
      "Metrics are called as in the JSON, and as this command prints them.\n"
      "Examples:\n"
      "  headgate-loadtest compare before.json after.json\n"
      "  headgate-loadtest compare before.json after.json --limit latency.deliver.p99_us=1.1 "
      "--limit deliveries_per_s=1.05");
  command->callback([options, &line] { line.run = [options] { return compare(*options); }; });
}

}  // namespace headgate::loadtest::commands
