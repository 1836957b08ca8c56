#pragma once

#include <string>

#include "config/settings.hpp"

namespace headgate::cli {

inline constexpr std::size_t least_token_size = 16;
inline constexpr std::size_t most_token_size = 1024;  // a request's header has to hold it

// The token of the admin listener that a file holds: its first line, without blanks around it; visible ASCII
// characters, least_token_size of them or more, since a header carries it. What follows the first line is a comment.
// Throws settings_error with the name of the file: it cannot be read, or has no such token.
std::string read_token(const std::string& path);

// That of these settings; empty: none is asked for. Throws as read_token() does, with the key.
std::string token_of(const config::admin& admin);

}  // namespace headgate::cli
