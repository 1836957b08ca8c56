#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/auth/file_error.hpp"
#include "proxy/auth/password_hash.hpp"

namespace headgate::proxy::auth {

// The users of a password file in mosquitto's format: a line USER:HASH each; empty lines and those that begin with '#'
// say nothing. A plain value; shared between threads once it is made.
struct password_file {
  std::map<std::string, password_hash, std::less<>> users;
};

struct parsed_password_file {
  password_file file;
  std::vector<file_error> errors;  // of all lines; any: the file is not to be used
};
// Pure.
parsed_password_file parse_password_file(std::string_view text);

// Those whose line is another one in `next`, or gone: they have to come in anew.
std::vector<std::string> changed_users(const password_file& before, const password_file& next);

}  // namespace headgate::proxy::auth
