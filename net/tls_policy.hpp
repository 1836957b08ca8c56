#pragma once

#include <string>
#include <vector>

#include "net/tls_handles.hpp"
#include "net/tls_settings.hpp"

// Internal to net/: what may be spoken, apart from certificates.
namespace headgate::net {

// Throw tls_error where the settings name what does not exist, or what is broken. A sentence about what is weak is
// added to `warnings`.
context_handle make_server_context(const tls_server_settings& settings, std::vector<std::string>& warnings);
context_handle make_client_context(const tls_client_settings& settings);

}  // namespace headgate::net
