#pragma once

#include <string>

#include "proxy/listener/view.hpp"
#include "session-store/embedded/view.hpp"
#include "worker/worker.hpp"

namespace headgate::cli {

// The counters as one JSON object on one line. `sessions`: of the store thread, all zero without one.
std::string stats_line(const worker::worker_view& worker, const proxy::listener::listener_view& listener,
                       const session_store::embedded::store_thread_view& sessions);

}  // namespace headgate::cli
