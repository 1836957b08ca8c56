#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <system_error>

#include "cli/advice.hpp"
#include "cli/cert_command.hpp"
#include "cli/client_command.hpp"
#include "cli/command.hpp"
#include "cli/config_command.hpp"
#include "cli/import_command.hpp"
#include "cli/log_command.hpp"
#include "cli/passwd_command.hpp"
#include "cli/serve_command.hpp"
#include "cli/stats_command.hpp"
#include "cli/topic_command.hpp"
#include "net/tls_memory.hpp"

namespace {

using namespace headgate::cli;

int fail(const std::string& sentences) {
  std::istringstream lines(sentences);
  for (std::string line; std::getline(lines, line);) std::fprintf(stderr, "headgate: %s\n", line.c_str());
  return cannot_start;
}

// "a, b and c"
std::string names_of_commands(const CLI::App& app) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  std::string names;
  for (std::size_t n = 0; n < commands.size(); ++n) {
    if (n > 0) names += n + 1 == commands.size() ? " and " : ", ";
    names += commands[n]->get_name();
  }
  return names;
}

// The deepest command that was given: its help is what an error points to.
std::string words_given(const CLI::App& app) {
  std::string words = "headgate";
  for (const auto* command = &app; !command->get_subcommands().empty();) {
    command = command->get_subcommands().front();
    words += " " + command->get_name();
  }
  return words;
}

int explain_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty()) {
    return fail("unknown command '" + std::string(argv[1]) + "': the commands are " + names_of_commands(app));
  }
  return fail(std::string(error.what()) + "; '" + words_given(app) + " --help' says what can be given");
}

}  // namespace

int main(int argc, char** argv) {
  headgate::net::use_pages_for_tls_records();
  CLI::App app("Headgate, an MQTT gateway for fleets of millions of devices");
  app.set_version_flag("--version", std::string("headgate ") + HEADGATE_VERSION);
  app.require_subcommand(1);
  app.footer("Each command says more with --help, such as 'headgate serve --help'.");
  command_line line;
  for (auto* add : {add_serve_command, add_config_command, add_import_command, add_passwd_command, add_cert_command,
                    add_client_command, add_topic_command, add_stats_command, add_log_command}) {
    add(app, line);
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help and version
    return explain_usage(app, error, argc, argv);
  }
  try {
    return line.run();
  } catch (const std::system_error& error) {
    return fail(error.what() + advice(error.code()));
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
