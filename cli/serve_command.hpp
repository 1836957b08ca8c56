#pragma once

#include "cli/command.hpp"

namespace headgate::cli {

// `headgate serve`: everything in one process.
add_command add_serve_command;

}  // namespace headgate::cli
