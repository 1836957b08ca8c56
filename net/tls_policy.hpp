#pragma once

#include "net/tls_handles.hpp"
#include "net/tls_settings.hpp"

// Internal to net/: what may be spoken, apart from certificates.
namespace headgate::net {

// Throw tls_error where the settings name what does not exist.
context_handle make_server_context(const tls_server_settings& settings);
context_handle make_client_context(const tls_client_settings& settings);

}  // namespace headgate::net
