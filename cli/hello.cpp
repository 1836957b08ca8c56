#include "cli/hello.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string_view>

#include "config/value.hpp"
#include "net/tcp.hpp"

namespace headgate::cli {

namespace {

// How long a line waits for a reader of standard output; then it is lost, so that signals are obeyed all the same.
constexpr int patience_ms = 1000;

std::string count(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

// "7 days", "90 minutes": in the largest unit that leaves a whole number.
std::string span_of(std::uint64_t seconds) {
  constexpr std::uint64_t minute = 60;
  constexpr std::uint64_t hour = 60 * minute;
  constexpr std::uint64_t day = 24 * hour;
  if (seconds % day == 0) return count(seconds / day, "day");
  if (seconds % hour == 0) return count(seconds / hour, "hour");
  if (seconds % minute == 0) return count(seconds / minute, "minute");
  return count(seconds, "second");
}

// What takes messages out of a log on disk, the first that comes true.
std::string retention_of(const config::log& log) {
  std::vector<std::string> ends;
  if (log.retention_age_s > 0) ends.push_back("for " + span_of(log.retention_age_s));
  if (log.retention_bytes > 0) ends.push_back("up to " + config::show_size(log.retention_bytes) + " a shard");
  if (log.retention_disk_percent > 0) {
    ends.push_back("while less than " + std::to_string(log.retention_disk_percent) + " % of the disk is in use");
  }
  if (ends.empty()) return "without end, until the disk is full";
  std::string text;
  for (const auto& end : ends) text += (text.empty() ? "" : ", ") + end;
  return text;
}

std::string where_the_log_is(const config::settings& settings) {
  const auto commit = config::log_commit_of(settings);
  if (commit == config::log_commit::memory) {
    return "messages are in memory, " + config::show_size(settings.limits.log_memory_bytes) +
           " a shard, and end with this process";
  }
  return "messages are kept in " + settings.data_dir + "/log " + retention_of(settings.log) +
         "; an acknowledged one outlives " +
         (commit == config::log_commit::disk ? "this machine" : "this process (log.commit=disk: this machine)");
}

std::string where_retained_messages_are(const config::settings& settings) {
  if (config::log_commit_of(settings) == config::log_commit::memory) {
    return "retained messages are in memory, " + config::show_size(settings.limits.retained_memory_bytes) +
           " a shard, and end with this process";
  }
  return "retained messages are kept in " + settings.data_dir + "/retained";
}

std::string where_sessions_are(const config::settings& settings) {
  if (config::session_engine_of(settings) == config::session_engine::memory) {
    return "sessions are in memory and end with this process";
  }
  return "sessions are kept in " + settings.data_dir + "/sessions";
}

void say_what_is_kept(const config::settings& settings) {
  if (settings.data_dir.empty()) {
    return say("nothing is kept on disk: messages (" + config::show_size(settings.limits.log_memory_bytes) +
               " a shard), sessions and retained messages are in memory and end with this process; to keep them: "
               "--set data_dir=DIRECTORY");
  }
  say(where_the_log_is(settings));
  say(where_sessions_are(settings));
  say(where_retained_messages_are(settings));
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
      count(start.shards, "shard"));
  say(start.admin.empty() ? "no admin listener, since admin.enabled is false"
                          : "admin at " + start.admin + " (metrics, health, API; 'headgate stats' asks it)");
  for (std::size_t n = 1; n < listeners.size(); ++n) {
    say("listener " + listeners[n].name + " on " + listeners[n].address);
  }
  say_what_is_kept(settings);
  say_who_may_connect(settings, listeners);
}

}  // namespace headgate::cli
