#pragma once

#include "cli/command.hpp"

namespace headgate::cli {

// `headgate log list|dump|verify`: the logs in a data_dir, also while a server writes them. Changes nothing.
add_command add_log_command;

}  // namespace headgate::cli
