#pragma once

#include "config/load.hpp"

namespace headgate::cli {

// Runs everything in this process until SIGTERM or SIGINT; SIGHUP reads the sources again, SIGUSR1 prints the counters.
// Returns the exit status: `failed` when a worker has failed. Throws settings_error and std::system_error before it
// serves: what an operator can mend.
int serve(const config::sources& sources);

}  // namespace headgate::cli
