#include <ctime>

#include "clock.hpp"
#include "probe_runs.hpp"
#include "setup.hpp"

namespace headgate::bench {

namespace {

// What the server does for a client after its answer (timers, lists that settle) is over by then.
constexpr timespec settling{1, 0};

void grow_to(fleet& clients, const options& chosen, std::uint32_t count) {
  const auto first = static_cast<std::uint32_t>(clients.size());
  connect_clients(clients, chosen, count - first);
  if (chosen.subscribed) {
    subscribe_clients(clients, chosen, {first, count - first, 1, chosen.qos},
                      [first](std::uint32_t client, std::uint32_t) { return topic_of(0, first + client); });
  }
  for (std::uint32_t client = first; client < count; ++client) clients.watch(client);
  nanosleep(&settling, nullptr);
}

}  // namespace

run_result run_idle(const options& chosen) {
  if (chosen.server_pid == 0) throw std::runtime_error("idle measures memory: it needs --server-pid");
  if (chosen.clients_low >= chosen.clients_high) throw std::runtime_error("--clients-low must be below --clients-high");
  const server_probe probe(chosen.server_pid, {});
  fleet clients(chosen);
  const std::uint64_t none = probe.anonymous_memory();
  grow_to(clients, chosen, chosen.clients_low);
  const std::uint64_t low = probe.anonymous_memory();
  grow_to(clients, chosen, chosen.clients_high);
  const std::uint64_t high = probe.anonymous_memory();

  run_result made;
  const double grown = static_cast<double>(high) - static_cast<double>(low);
  made.figures.add("clients_low", std::uint64_t{chosen.clients_low});
  made.figures.add("clients_high", std::uint64_t{chosen.clients_high});
  made.figures.add("rss_anon_none", none);
  made.figures.add("rss_anon_low", low);
  made.figures.add("rss_anon_high", high);
  made.figures.add("bytes_per_client", grown / (chosen.clients_high - chosen.clients_low));
  made.figures.add("losses", std::uint64_t{0});
  // An idle client hears nothing: whatever epoll has to say is a connection that the server has closed.
  if (!clients.wait(0).empty()) made.failure = "the server closed idle connections, or sent something on them";
  return made;
}

}  // namespace headgate::bench
