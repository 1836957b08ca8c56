#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/printable.hpp"
#include "loadtest/commands/command.hpp"
#include "loadtest/commands/standard_streams.hpp"
#include "loadtest/plan/check_plan.hpp"
#include "loadtest/plan/kind.hpp"
#include "loadtest/run/doctor.hpp"

namespace headgate::loadtest::commands {

namespace {

struct doctor_options {
  std::uint32_t clients = 0;
  double connects_per_s = 0;
  std::string target = "127.0.0.1:1883";
};

// Where the server listens is nothing that a machine could lack.
std::string host_of(const std::string& text) {
  const auto target = plan::targets().parse(text);
  if (!target) throw std::runtime_error(plan::refusal("--target", text, plan::targets().accepts));
  return target->host;
}

std::string text_of(const run::check& done) {
  const auto* word = "ok    ";
  if (done.judged == run::check::judgement::note) word = "note  ";
  if (done.judged == run::check::judgement::mend) word = "MEND  ";
  std::string text = word + done.name + ": " + base::printable(done.found) + "\n";
  for (const auto& line : done.mends) text += "        " + base::printable(line) + "\n";
  return text;
}

int examine(const doctor_options& options) {
  run::wanted_load load;
  load.clients = options.clients;
  load.most_in_a_process = plan::max_clients;
  load.connects_per_s = options.connects_per_s;
  load.host = host_of(options.target);
  run::locate_server(load);
  std::string text;
  bool is_well = true;
  for (const auto& done : run::examine(run::read_machine_facts(), load)) {
    text += text_of(done);
    is_well = is_well && done.judged != run::check::judgement::mend;
  }
  write_output(text);
  return is_well ? good : found_faults;
}

}  // namespace

void add_doctor_command(CLI::App& app, command_line& line) {
  const auto options = std::make_shared<doctor_options>();
  auto* command =
      app.add_subcommand("doctor", "Whether this machine has room for so many clients, and the lines that mend it");
  command
      ->add_option("-c,--clients", options->clients,
                   "Clients in all; 'pairs -c N' has 2N of them, as latency and offline have")
      ->required()
      ->type_name("N")
      ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{100'000'000}));
  command
      ->add_option("-r,--connects-per-second", options->connects_per_s,
                   "Connects that go on while it runs, as when clients come and go")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--target", options->target, "The server; 127.0.0.1:1883 if none is given")
      ->type_name("HOST:PORT");
  command->footer(
      "Exit status 1 when something must be mended.\n"
      "Examples:\n"
      "  headgate-loadtest doctor -c 100000\n"
      "  headgate-loadtest doctor -c 50000 -r 1000 --target mqtt.example.org:1883");
  command->callback([options, &line] { line.run = [options] { return examine(*options); }; });
}

}  // namespace headgate::loadtest::commands
