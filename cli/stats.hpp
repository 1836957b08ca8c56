#pragma once

#include <string>

#include "proxy/listener/view.hpp"
#include "worker/worker.hpp"

namespace headgate::cli {

// The counters as one JSON object on one line.
std::string stats_line(const worker::worker_view& worker, const proxy::listener::listener_view& listener);

}  // namespace headgate::cli
