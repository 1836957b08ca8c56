#include <string>
#include <string_view>
#include <vector>

#include "config/conflicts.hpp"
#include "config/settings.hpp"
#include "net/tcp.hpp"

namespace headgate::config {

namespace {

// Where something listens, as far as another can be in its way.
struct endpoint {
  std::string section;  // "listeners.tcp"
  std::string bind;
  std::uint16_t port;
};

bool is_any(std::string_view address) {
  return address == "0.0.0.0" || address == "::";
}

// Whether the system would refuse the second. The wildcard of one family leaves room for the other's addresses.
bool collide(const endpoint& a, const endpoint& b) {
  if (a.port != b.port || a.port == 0) return false;
  const bool same_family = (a.bind.find(':') == std::string::npos) == (b.bind.find(':') == std::string::npos);
  return a.bind == b.bind || (same_family && (is_any(a.bind) || is_any(b.bind)));
}

std::string allow_anybody(const std::string& path) {
  return "let anybody in with 'anonymous: allow' below " + path + " in the file, or --set " + path + ".anonymous=allow";
}

constexpr auto make_users =
    "name users in a file and set auth.password_file to it ('headgate passwd add NAME --file FILE' writes one)";

// Who has neither a password nor a certificate to show comes in from this machine only, unless somebody has said that
// this is meant.
void find_open_listener(const listener& listener, const auth& auth, std::vector<conflict>& found) {
  const bool asks_for_something =
      !auth.password_file.empty() || listener.client_certificate == net::client_certificates::required;
  if (asks_for_something || listener.anonymous == anonymous::allow) return;
  const auto path = "listeners." + listener.name;
  if (!net::is_loopback(listener.bind)) {
    found.push_back({{path + ".bind"},
                     path + ".bind=" + listener.bind + " is open to other machines, and asks nobody for a password: " +
                         make_users + ", or keep 127.0.0.1, or " + allow_anybody(path)});
    return;
  }
  const bool takes_names_of_certificates = listener.user_name != user_name_source::connect;
  if (listener.anonymous == anonymous::refuse && !takes_names_of_certificates) {
    found.push_back({{path + ".anonymous"},
                     path +
                         ".anonymous=refuse leaves nobody who could come in, since there are neither users nor "
                         "certificates of clients: " +
                         make_users + ", or " + allow_anybody(path)});
  }
}

void find_open_admin(const admin& admin, std::vector<conflict>& found) {
  if (!admin.enabled || net::is_loopback(admin.bind) || !admin.token_file.empty()) return;
  found.push_back({{"admin.bind"},
                   "admin.bind=" + admin.bind +
                       " is open to other machines, and asks nobody who he is: put a token of 16 characters or more "
                       "into a file ('openssl rand -hex 24' makes one) and set admin.token_file to it, or use "
                       "127.0.0.1 or ::1"});
}

// What is to be on disk needs a place there.
void find_homeless(const settings& settings, std::vector<conflict>& found) {
  if (!settings.data_dir.empty()) return;
  const auto add = [&](const std::string& key, const std::string& value, const std::string& what) {
    found.push_back({{key},
                     key + "=" + value + " keeps " + what +
                         " on disk, and there is no directory for that: set data_dir to one that belongs to this "
                         "server alone, such as /var/lib/headgate, or leave " +
                         key + " out, and " + what + " end" + (what.back() == 's' ? "" : "s") + " with the process"});
  };
  if (settings.log.commit == log_commit::os) add("log.commit", "os", "the log");
  if (settings.log.commit == log_commit::disk) add("log.commit", "disk", "the log");
  if (settings.session_store.engine == session_engine::embedded) add("session_store.engine", "embedded", "sessions");
}

void find_collisions(const settings& settings, std::vector<conflict>& found) {
  std::vector<endpoint> endpoints;
  for (const auto& listener : settings.listeners)
    endpoints.push_back({"listeners." + listener.name, listener.bind, listener.port});
  if (settings.admin.enabled) endpoints.push_back({"admin", settings.admin.bind, settings.admin.port});
  for (std::size_t b = 1; b < endpoints.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      if (!collide(endpoints[a], endpoints[b])) continue;
      found.push_back({{endpoints[b].section + ".port", endpoints[a].section + ".port"},
                       endpoints[a].section + " and " + endpoints[b].section + " cannot both have port " +
                           std::to_string(endpoints[b].port) + " of " + endpoints[b].bind + ": give " +
                           endpoints[b].section + ".port another one"});
    }
  }
}

}  // namespace

std::vector<conflict> find_conflicts(const settings& settings) {
  std::vector<conflict> found;
  for (const auto& listener : settings.listeners) {
    find_open_listener(listener, settings.auth, found);
    find_tls_conflicts(listener, found);
  }
  find_open_admin(settings.admin, found);
  find_homeless(settings, found);
  find_collisions(settings, found);
  return found;
}

void check(const settings& settings) {
  std::string sentences;
  for (const auto& conflict : find_conflicts(settings))
    sentences += (sentences.empty() ? "" : "\n") + conflict.sentence;
  if (!sentences.empty()) throw settings_error(sentences);
}

}  // namespace headgate::config
