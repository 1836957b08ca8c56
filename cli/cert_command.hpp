#pragma once

#include "cli/command.hpp"

namespace headgate::cli {

// `headgate cert dev`: an authority of one's own, a certificate for this server, and for clients.
void add_cert_command(CLI::App& app, command_line& line);

}  // namespace headgate::cli
