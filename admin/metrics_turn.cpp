#include <string>

#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

void add_turn_metrics(families& out, const measures& measures) {
  const auto& workers = measures.workers;
  gauge(out, "headgate_workers", "Threads that serve clients and shards.").add(workers.size());
  auto turns = counter(out, "headgate_worker_turns_total", "Turns of a worker.");
  for (std::size_t id = 0; id < workers.size(); ++id) {
    turns.add(workers[id].worker.turns, {{"worker", std::to_string(id)}});
  }
  auto phases =
      counter(out, "headgate_worker_turn_seconds_total", "Time that a worker spent in each phase of its turns.");
  for (std::size_t id = 0; id < workers.size(); ++id) {
    for (std::size_t phase = 0; phase < worker::phases; ++phase) {
      phases.add(static_cast<double>(workers[id].worker.phase_ns[phase]) / 1e9,
                 {{"worker", std::to_string(id)}, {"phase", name_of(static_cast<worker::phase>(phase))}});
    }
  }
  auto idle =
      counter(out, "headgate_worker_idle_seconds_total", "Time that a worker slept since it had nothing to do.");
  for (std::size_t id = 0; id < workers.size(); ++id) {
    idle.add(static_cast<double>(workers[id].worker.idle_ns) / 1e9, {{"worker", std::to_string(id)}});
  }
  auto clients = gauge(out, "headgate_worker_clients", "Connected clients of a worker.");
  for (std::size_t id = 0; id < workers.size(); ++id) {
    clients.add(workers[id].worker.gateway.clients, {{"worker", std::to_string(id)}});
  }
}

}  // namespace headgate::admin
