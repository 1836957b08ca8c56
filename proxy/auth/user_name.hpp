#pragma once

#include <string>
#include <string_view>

namespace headgate::proxy::auth {

// What is wrong with the name of a user, so that no line of a password file could say it; empty: nothing. Pure.
std::string_view explain_user_name(std::string_view name);

// The command that gives a user a password, as it is typed into a shell.
std::string command_to_add(std::string_view name);

}  // namespace headgate::proxy::auth
