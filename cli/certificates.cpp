#include "cli/certificates.hpp"

namespace headgate::cli {

std::vector<listener_certificates> certificates_of(const config::settings& settings, const door_files& files) {
  std::vector<listener_certificates> all;
  for (std::size_t n = 0; n < files.tls.size(); ++n) {
    if (files.tls[n]) all.push_back({settings.listeners[n].name, files.tls[n]});
  }
  return all;
}

std::vector<std::string> warnings_of(const std::vector<listener_certificates>& certificates) {
  std::vector<std::string> lines;
  for (const auto& one : certificates) {
    for (const auto& warning : one.tls->warnings()) lines.push_back("listeners." + one.listener + ": " + warning);
  }
  return lines;
}

std::vector<admin::certificate_facts> facts_of(const std::vector<listener_certificates>& certificates) {
  std::vector<admin::certificate_facts> facts;
  for (const auto& one : certificates) {
    facts.push_back({one.listener, one.tls->expires_s().value_or(0), one.tls->crl_expires_s()});
  }
  return facts;
}

}  // namespace headgate::cli
