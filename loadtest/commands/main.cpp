#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "loadtest/commands/command.hpp"
#include "loadtest/commands/standard_streams.hpp"

namespace {

using namespace headgate::loadtest::commands;

int fail(const std::string& sentences) {
  std::istringstream lines(sentences);
  for (std::string line; std::getline(lines, line);) std::fprintf(stderr, "headgate-loadtest: %s\n", line.c_str());
  return cannot_start;
}

// "a, b and c"
std::string names_of_commands(const CLI::App& app) {
  const auto all = app.get_subcommands([](const CLI::App*) { return true; });
  std::string names;
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (n > 0) names += n + 1 == all.size() ? " and " : ", ";
    names += all[n]->get_name();
  }
  return names;
}

// The first example in the footer of a command.
std::string example_of(const CLI::App& command) {
  const std::string beginning = "headgate-loadtest " + command.get_name() + " ";
  std::istringstream lines(command.get_footer());
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find_first_not_of(' ');
    if (begin != std::string::npos && begin > 0 && line.compare(begin, beginning.size(), beginning) == 0)
      return line.substr(begin);
  }
  return beginning + "--help";
}

// What `headgate-loadtest` alone prints: every command with an example.
std::string overview_of(const CLI::App& app) {
  std::string text = app.get_description() + ".\n";
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    text += "\n  " + command->get_name() + ": " + command->get_description() + "\n    " + example_of(*command) + "\n";
  }
  return text +
         "\nThe server is 127.0.0.1:1883, or --target HOST:PORT. 'headgate-loadtest COMMAND --help' says more.\n";
}

// The deepest command that was given: its help is what an error points to.
std::string words_given(const CLI::App& app) {
  std::string words = "headgate-loadtest";
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

// Help, the version, or what is wrong with the words that were given.
int answer(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() != 0) return explain_usage(app, error, argc, argv);
  std::ostringstream text;
  app.exit(error, text, text);
  write_output(text.str());
  return good;
}

int run(int argc, char** argv) {
  CLI::App app("headgate-loadtest plays devices against an MQTT server, and audits what it delivers");
  app.set_version_flag("--version", std::string("headgate-loadtest ") + HEADGATE_VERSION);
  app.require_subcommand(1);
  app.footer("'headgate-loadtest' alone shows an example of each; 'headgate-loadtest pairs --help' says more of one.");
  command_line line;
  for (auto* add : {add_form_commands, add_plan_command, add_relay_command, add_doctor_command, add_compare_command}) {
    add(app, line);
  }
  if (argc < 2) {
    write_output(overview_of(app));
    return good;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return answer(app, error, argc, argv);
  }
  return line.run();
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_streams();
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
