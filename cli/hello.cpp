#include "cli/hello.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string_view>

#include "net/tcp.hpp"

namespace headgate::cli {

namespace {

// How long a line waits for a reader of standard output; then it is lost, so that signals are obeyed all the same.
constexpr int patience_ms = 1000;

std::string count(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

void say_who_may_connect(const config::settings& settings, const std::vector<open_listener>& listeners) {
  const auto is_open = [](const open_listener& one) { return !net::is_loopback(one.settings.bind); };
  for (const auto& one : listeners) {
    if (!is_open(one)) continue;
    if (config::allows_anonymous(one.settings, settings.auth) &&
        one.settings.client_certificate != net::client_certificates::required) {
      say("warning: anybody who reaches " + one.address + " may connect" +
          (settings.auth.acl_file.empty() ? ", publish and subscribe" : ""));
    } else if (one.settings.transport == config::transport::tcp) {
      say("warning: passwords travel unencrypted to " + one.address + "; 'headgate cert dev' shows how TLS is set up");
    }
  }
  if (std::ranges::none_of(listeners, is_open)) {
    const auto key = "listeners." + listeners.front().name + ".bind=0.0.0.0";
    say(settings.auth.password_file.empty()
            ? "only this machine can connect; to open up: 'headgate passwd add NAME --file users', then --set " + key +
                  " --set auth.password_file=users (or let anybody in: --set listeners." + listeners.front().name +
                  ".anonymous=allow)"
            : "only this machine can connect; to open up: --set " + key);
  }
}

}  // namespace

void say(const std::string& line) {
  const auto text = line + "\n";
  for (std::string_view rest = text; !rest.empty();) {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    if (::poll(&output, 1, patience_ms) != 1 || (output.revents & POLLOUT) == 0) return;
    // What a pipe that is writable takes without blocking.
    const auto written = ::write(STDOUT_FILENO, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
    if (written < 0 && errno != EINTR) return;
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

void say_hello(const config::settings& settings, const std::vector<open_listener>& listeners, const start& start) {
  say("headgate " HEADGATE_VERSION " listening on " + listeners.front().address);
  say("room for " + count(start.max_clients, "client") + "; " + count(start.workers, "worker") + " and " +
      count(start.shards, "shard") + "; the log of each shard holds " +
      std::to_string(settings.limits.log_memory_bytes >> 20) + " MiB in memory and ends with this process");
  say(start.admin.empty() ? "no admin listener, since admin.enabled is false"
                          : "admin at " + start.admin + " (metrics, health, API; 'headgate stats' asks it)");
  for (std::size_t n = 1; n < listeners.size(); ++n) {
    say("listener " + listeners[n].name + " on " + listeners[n].address);
  }
  say_who_may_connect(settings, listeners);
}

}  // namespace headgate::cli
