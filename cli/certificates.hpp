#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admin/server.hpp"
#include "cli/door_files.hpp"
#include "config/settings.hpp"
#include "net/tls_context.hpp"

namespace headgate::cli {

// The certificates in force on one listener.
struct listener_certificates {
  std::string listener;
  std::shared_ptr<const net::tls_context> tls;
};

// Of the listeners with TLS, in the order of the settings.
std::vector<listener_certificates> certificates_of(const config::settings& settings, const door_files& files);

// What is not as it should be, by the clock of this moment: a line each, for the log.
std::vector<std::string> warnings_of(const std::vector<listener_certificates>& certificates);

// When they end, for metrics.
std::vector<admin::certificate_facts> facts_of(const std::vector<listener_certificates>& certificates);

}  // namespace headgate::cli
