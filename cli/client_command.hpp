#pragma once

#include "cli/command.hpp"

namespace headgate::cli {

void add_client_command(CLI::App& app, command_line& line);

}  // namespace headgate::cli
