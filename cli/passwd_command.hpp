#pragma once

#include "cli/command.hpp"

namespace headgate::cli {

// `headgate passwd add|remove|list`: the users of a password file.
add_command add_passwd_command;

}  // namespace headgate::cli
