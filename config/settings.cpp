#include "config/settings.hpp"

#include "config/table.hpp"
#include "config/value.hpp"
#include "net/tcp.hpp"

namespace headgate::config {

bool allows_anonymous(const listener& listener, const auth& auth) {
  if (listener.anonymous != anonymous::automatic) return listener.anonymous == anonymous::allow;
  if (!auth.password_file.empty()) return false;
  return net::is_loopback(listener.bind) || listener.client_certificate == net::client_certificates::required;
}

session_engine session_engine_of(const settings& settings) {
  if (settings.session_store.engine != session_engine::automatic) return settings.session_store.engine;
  return settings.data_dir.empty() ? session_engine::memory : session_engine::embedded;
}

log_commit log_commit_of(const settings& settings) {
  if (settings.log.commit != log_commit::automatic) return settings.log.commit;
  return settings.data_dir.empty() ? log_commit::memory : log_commit::os;
}

void assign(settings& settings, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos) throw settings_error(quoted(assignment) + " is not of the form KEY=VALUE");
  const auto error = apply(settings, assignment.substr(0, equals), assignment.substr(equals + 1));
  if (error) throw settings_error(*error);
}

std::vector<setting_line> describe(const settings& settings) {
  std::vector<setting_line> lines;
  for (const auto& place : places_of(settings)) {
    lines.push_back(
        {place.path(), place.key->show(settings, place.item), place.key->help + " (" + place.key->accepts + ")"});
  }
  return lines;
}

}  // namespace headgate::config
