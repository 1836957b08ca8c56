#pragma once

#include <string>
#include <string_view>

#include "proxy/gateway/authoriser.hpp"

namespace headgate::proxy::auth {

// Filters of patterns, where %c stands for the client id and %u for the user name. Pure.

// Whether a name may stand in patterns at all: with a wildcard in it, it would match the places of others.
bool is_safe_in_patterns(const gateway::principal& who);

// Where the first %c or %u is, or npos.
std::size_t find_name(std::string_view pattern);

// Writes the filter of this client. False: it has none. Those that allow have none where a name has a '/', or begins
// the filter with '$'; none has one by way of a user name that the client does not have.
bool expand(std::string_view pattern, const gateway::principal& who, bool allows, std::string& filter);

}  // namespace headgate::proxy::auth
