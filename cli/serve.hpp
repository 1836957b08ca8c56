#pragma once

#include "config/settings.hpp"

namespace headgate::cli {

// Runs everything in this process until SIGTERM or SIGINT; SIGUSR1 prints the counters. Returns the exit status.
int serve(const config::settings& settings);

}  // namespace headgate::cli
