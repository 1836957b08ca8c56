#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "net/tls_settings.hpp"

namespace headgate::config {

// The names of a list with commas between them, without the blanks around each; "": none. Two commas in a row have an
// empty name between them. Pure.
std::vector<std::string> files_in(std::string_view list);

// What the TLS of a listener is made of. The listener has been checked and its transport is tls. Pure: the files are
// read by net::tls_context::of_server(), whose errors name them.
net::tls_server_settings tls_of(const listener& listener);

}  // namespace headgate::config
