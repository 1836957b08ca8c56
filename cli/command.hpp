#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace headgate::cli {

// Exit statuses of every command.
inline constexpr int done = 0;
inline constexpr int answer_is_no = 1;  // the command did its work, and what it was asked about is not so, or not there
inline constexpr int cannot_start = 2;  // what an operator can mend: a wrong setting, a file that is not there, a port

inline constexpr int failed = 3;  // what nobody expected, while it ran: start it again

// What the words after `headgate` ask for.
struct command_line {
  // Set by the command that was given; main() calls it once, after all options have been read, and ends with the status
  // that it returns. What it throws is printed as "headgate: WHAT", each line of it, and ends with cannot_start: so
  // each line of what() is a sentence that says what is wrong and what would do.
  std::function<int()> run;
};

// Adds one command with its options and examples to the program, in a file of its own: cli/NAME_command.cpp, called
// once in main(). The values of its options live in a shared_ptr that its callback holds:
//
//   void add_brew_command(CLI::App& app, command_line& line) {
//     const auto options = std::make_shared<brew_options>();
//     auto* command = app.add_subcommand("brew", "Makes coffee");
//     command->add_option("--cups", options->cups, "How many")->required();
//     command->footer("Example: headgate brew --cups 2");
//     command->callback([options, &line] { line.run = [options] { return brew(*options); }; });
//   }
//
// A command with commands below it calls require_subcommand(1) and gives each of those a callback.
using add_command = void(CLI::App& app, command_line& line);

}  // namespace headgate::cli
