#include "proxy/gateway/proxy_state.hpp"

namespace headgate::proxy::gateway {

proxy_state::proxy_state(const base::limits& limits, base::worker_id worker, client_port& clients, base::log_sink& log,
                         base::instant now, std::uint64_t seed)
    : limits(limits),
      worker(worker),
      clients(clients),
      log(log),
      now(now),
      random(seed),
      timers(now.monotonic),
      client_lines(base::client_log_lines_per_second) {}

proxy_state::~proxy_state() {
  for (std::uint32_t client = 0; client < sessions.size(); ++client) sessions[client].inflight.clear(inflight_pool);
}

}  // namespace headgate::proxy::gateway
