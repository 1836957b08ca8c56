#pragma once

#include "cli/command.hpp"

namespace headgate::cli {

// `headgate config check|show|init|reference`: what is set, by what, and what can be.
add_command add_config_command;

}  // namespace headgate::cli
