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

void find_open_listeners(const settings& settings, std::vector<conflict>& found) {
  for (const auto& listener : settings.listeners) {
    if (net::is_loopback(listener.bind) || listener.anonymous == anonymous::allow) continue;
    const auto path = "listeners." + listener.name;
    found.push_back({{path + ".bind"},
                     path + ".bind=" + listener.bind +
                         " is open to other machines, and there are no users yet: keep 127.0.0.1, or "
                         "let anybody in with 'anonymous: allow' below " +
                         path + " in the file, or --set " + path + ".anonymous=allow"});
  }
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
  find_open_listeners(settings, found);
  if (settings.admin.enabled && !net::is_loopback(settings.admin.bind)) {
    found.push_back({{"admin.bind"},
                     "admin.bind=" + settings.admin.bind +
                         " is open to other machines, and there are no tokens yet that would tell who "
                         "asks: use 127.0.0.1 or ::1, and let others in through a proxy that knows them"});
  }
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
