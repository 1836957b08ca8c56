#pragma once

#include <cstdint>
#include <vector>

#include "cli/console_log.hpp"
#include "cli/door_files.hpp"
#include "cli/operators.hpp"
#include "cli/worker_thread.hpp"
#include "config/load.hpp"
#include "proxy/listener/client_places.hpp"

namespace headgate::cli {

// What of a running server changes when its settings do. The main thread.
struct running_parts {
  const std::vector<worker_thread*>& workers;
  proxy::listener::client_places& places;
  cli::operators& operators;
  console_log& log;
  door_files& door;  // in force
};

// SIGHUP: reads the sources and the files of users, rules and certificates again and puts in force what may change;
// each change that counts, and each that needs a restart, is a line of the log. When the sources hold an error all
// stays as it is, and the log says what is wrong.
void reload(const config::sources& sources, config::settings& in_force, const running_parts& parts);

// The limits of one worker: lines of the log are shared by all of them.
base::limits limits_of_worker(const config::settings& settings, std::size_t workers);

// Raises the soft limit of open files to the hard one and returns how many clients that allows. Throws settings_error
// if that is less than what was asked for.
std::uint32_t clients_allowed(const config::settings& settings, std::uint32_t workers);

}  // namespace headgate::cli
