#include "cli/reloading.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <string>
#include <utility>

#include "cli/certificates.hpp"
#include "cli/listening.hpp"
#include "cli/storage.hpp"
#include "cli/token_file.hpp"
#include "config/reload.hpp"

namespace headgate::cli {

namespace {

// Descriptors of a worker beside its listeners: its poller, its wake-up. Files, logs, the admin listener with its
// connections, and the first three stand beside them.
constexpr std::uint32_t descriptors_per_worker = 2;
constexpr std::uint32_t descriptors_beside_workers = 24 + base::admin_connections;

void tell(console_log& log, base::severity severity, const std::string& text) {
  log.write_always({.severity = severity, .event = "reload", .text = text, .fields = {}});
}

// What was read again, after everything that can fail.
struct read_again {
  std::uint32_t max_clients = 0;
  std::string token;
  door_files door;
};

void put_in_force(const config::settings& settings, read_again&& next, const running_parts& parts) {
  const auto limits = limits_of_worker(settings, parts.workers.size());
  for (auto* worker : parts.workers) {
    worker->post([limits](worker::worker& one, const auto&) { one.set_limits(limits); });
  }
  const auto changed = changed_users(parts.door, next.door);
  std::vector<proxy::listener::listening> how;
  for (std::size_t n = 0; n < settings.listeners.size(); ++n) {
    how.push_back(how_to_listen(settings.listeners[n], settings.auth, next.door.tls[n]));
  }
  for (auto* worker : parts.workers) worker->set_door(next.door, changed, how);
  parts.door = std::move(next.door);
  parts.places.set_most(next.max_clients);
  parts.log.set_format(settings.logging.format);
  parts.log.set_level(settings.logging.level);
  parts.operators.set_certificates(certificates_of(settings, parts.door));
  parts.operators.set_settings(settings, next.max_clients, std::move(next.token));
}

void tell_what_was_read(const running_parts& parts, const std::string& file, bool has_changes) {
  const auto of_door = summary_of(parts.door);
  if (!of_door.empty()) {
    tell(parts.log, base::severity::info, "the files of users, rules and certificates are read again: " + of_door);
  }
  if (!file.empty()) {
    tell(parts.log, base::severity::info, "reloaded: " + file + (has_changes ? " is read again" : " has nothing new"));
  } else if (of_door.empty()) {
    tell(parts.log, base::severity::info,
         "nothing to reload: no file is read, and what --set and the environment say stays");
  }
}

}  // namespace

void reload(const config::sources& sources, config::settings& in_force, const running_parts& parts) {
  try {
    const auto next = config::load(sources);
    const auto plan = config::plan_reload(in_force, next.settings);
    const auto workers = static_cast<std::uint32_t>(parts.workers.size());
    put_in_force(plan.settings,
                 {clients_allowed(plan.settings, workers), token_of(plan.settings.admin),
                  read_door_files(plan.settings, &parts.door)},
                 parts);
    in_force = plan.settings;
    for (const auto& change : plan.changes) {
      tell(parts.log, change.counts ? base::severity::info : base::severity::warning, change.sentence);
    }
    const auto& door = parts.door;
    for (const auto& warning : warnings_of(in_force, door)) tell(parts.log, base::severity::warning, warning);
    tell_what_was_read(parts, next.file, !plan.changes.empty());
  } catch (const std::exception& error) {
    std::istringstream lines(error.what());
    for (std::string line; std::getline(lines, line);) tell(parts.log, base::severity::error, line);
    tell(parts.log, base::severity::error, "nothing is reloaded: all settings stay as they were");
  }
}

base::limits limits_of_worker(const config::settings& settings, std::size_t workers) {
  auto limits = settings.limits;
  const auto lines = settings.logging.client_lines_per_second;
  limits.client_lines_per_second = static_cast<std::uint32_t>((lines + workers - 1) / workers);
  return limits;
}

std::uint32_t clients_allowed(const config::settings& settings, std::uint32_t workers) {
  const auto wanted = settings.limits.max_clients;
  const auto listeners = static_cast<std::uint32_t>(settings.listeners.size());
  const auto of_workers = workers * (descriptors_per_worker + listeners);
  const auto reserved =
      std::max(base::reserved_descriptors, descriptors_beside_workers + of_workers) + files_of_storage(settings);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_NOFILE, &files);
  const auto limit = files.rlim_cur > reserved ? files.rlim_cur - reserved : 1;
  const auto allowed = static_cast<std::uint32_t>(std::min<rlim_t>(limit, 0xffff'fffe));
  if (wanted > allowed) {
    throw config::settings_error("limits.max_clients=" + std::to_string(wanted) + " needs " +
                                 std::to_string(std::uint64_t{wanted} + reserved) + " open files, and the limit is " +
                                 std::to_string(files.rlim_cur) +
                                 ": raise the hard one (ulimit -Hn as root, or LimitNOFILE= of a systemd unit)");
  }
  return wanted == 0 ? allowed : wanted;
}

}  // namespace headgate::cli
