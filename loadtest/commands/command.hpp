#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace headgate::loadtest::commands {

// Exit statuses of every command.
inline constexpr int good = 0;
// The command did its work, and what it looked at is not good: also a server that is not there, which a run finds out.
inline constexpr int found_faults = 1;
inline constexpr int cannot_start = 2;  // what its caller can mend: a wrong option or plan, a file that is not there

// What the words after `headgate-loadtest` ask for.
struct command_line {
  // Set by the command that was given; main() calls it once and ends with its status. What it throws is printed as
  // "headgate-loadtest: WHAT", each line of it, and ends with cannot_start.
  std::function<int()> run;
};

// Adds one command, or those that belong together, in a file of its own: loadtest/commands/NAME_command.cpp. The values
// of its options live in a shared_ptr that its callback holds.
using add_command = void(CLI::App& app, command_line& line);

add_command add_form_commands;  // conn, pub, sub, pairs, fanout, fanin, latency, offline
add_command add_plan_command;   // run FILE
add_command add_relay_command;
add_command add_doctor_command;
add_command add_compare_command;

}  // namespace headgate::loadtest::commands
