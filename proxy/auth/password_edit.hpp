#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy/auth/password_hash.hpp"

namespace headgate::proxy::auth {

// Changes to the text of a password file that leave all lines of other users, comments and wrong lines as they are.
// Pure.

bool has_user(std::string_view text, std::string_view name);
// With the hash in the line of the user, or in a new one at the end. Further lines of the user go.
std::string with_user(std::string_view text, std::string_view name, const password_hash& hash);
// Nothing if the file has no such user.
std::optional<std::string> without_user(std::string_view text, std::string_view name);

}  // namespace headgate::proxy::auth
