#include "cli/serve.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "cli/certificates.hpp"
#include "cli/command.hpp"
#include "cli/console_log.hpp"
#include "cli/data_dir.hpp"
#include "cli/door_files.hpp"
#include "cli/hello.hpp"
#include "cli/listening.hpp"
#include "cli/operators.hpp"
#include "cli/reloading.hpp"
#include "cli/service_manager.hpp"
#include "cli/stats.hpp"
#include "cli/storage.hpp"
#include "cli/worker_thread.hpp"
#include "net/wake_event.hpp"
#include "proxy/auth/hash_pool.hpp"
#include "proxy/listener/client_places.hpp"
#include "shard-router/changes.hpp"
#include "worker/handover/exchange.hpp"
#include "worker/worker.hpp"

namespace headgate::cli {

namespace {

// How long the workers may take to answer before we say that one does not.
constexpr std::chrono::seconds stats_patience{5};

// What one worker and its sockets count.
struct counters {
  worker::worker_view worker;
  proxy::listener::listener_view listener;
};

using threads = std::vector<std::unique_ptr<worker_thread>>;

// The signals that the main thread waits for; blocked before any other thread starts, so that they all reach it.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // whoever reads our output may go
  return signals;
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

// One core is left to the kernel's share of the work, unless it is the only one.
std::uint32_t worker_count(std::uint32_t wanted) {
  if (wanted == 0) wanted = std::max(std::thread::hardware_concurrency(), 2U) - 1;
  return std::min(wanted, static_cast<std::uint32_t>(worker::handover::max_workers));
}

shard_router::shard_map map_of(const config::settings& settings) {
  auto map = shard_router::make_shard_map(settings.clusters);
  if (!map) throw config::settings_error("the clusters make no shard map: " + std::string(explain(map.error())));
  return *map;
}

admin::server_facts facts_of(const config::settings& settings, const shard_router::shard_map& map,
                             const std::vector<open_listener>& listeners, std::uint32_t max_clients) {
  admin::server_facts facts;
  facts.version = HEADGATE_VERSION;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  facts.started_ms = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (const auto& cluster : map.clusters()) facts.clusters.insert(facts.clusters.end(), cluster.shards, cluster.name);
  for (const auto& listener : listeners) facts.listeners.push_back(listener.name + " " + listener.address);
  facts.max_clients = max_clients;
  facts.limits = settings.limits;
  facts.storage = facts_of_storage(settings);
  return facts;
}

std::future<counters> ask_counters(worker_thread& thread) {
  const auto asked = std::make_shared<std::promise<counters>>();
  thread.post([asked](const auto& worker, const auto& sockets) { asked->set_value({worker.view(), sockets.view()}); });
  return asked->get_future();
}

// The workers copy their counters out; they are added and printed here, so that a reader who does not read never stops
// a worker.
void say_stats(const threads& threads, const storage& storage) {
  std::vector<std::future<counters>> answers;
  for (const auto& thread : threads) answers.push_back(ask_counters(*thread));
  const auto patience_ends = std::chrono::steady_clock::now() + stats_patience;
  counters sum;
  for (std::size_t n = 0; n < answers.size(); ++n) {
    if (answers[n].wait_until(patience_ends) != std::future_status::ready) {
      return say("stats are not to be had: worker " + std::to_string(n) + " has not answered for " +
                 std::to_string(stats_patience.count()) + " s");
    }
    const auto part = answers[n].get();
    base::add_counters(sum.worker, part.worker);
    base::add_counters(sum.listener, part.listener);
  }
  say("stats " + stats_line(sum.worker, sum.listener, storage.view_of_sessions()));
}

// Waits for signals until one of them ends the server.
void obey_signals(const sigset_t& signals, service_manager& manager, const std::function<void()>& say_stats,
                  const std::function<void()>& reload) {
  for (;;) {
    int number = 0;
    sigwait(&signals, &number);
    if (number == SIGTERM || number == SIGINT) return;
    if (number == SIGUSR1) say_stats();
    if (number == SIGHUP) {
      manager.reloading();
      reload();
      manager.ready("serving");
    }
  }
}

// Every worker is asked before the first is waited for. Returns what one of them failed with, or nothing.
std::exception_ptr stop_all(const threads& threads) {
  for (const auto& thread : threads) thread->stop();
  std::exception_ptr failure;
  for (const auto& thread : threads) {
    const auto of_this_one = thread->join();
    if (!failure) failure = of_this_one;
  }
  return failure;
}

// Starts all workers, or none: if the system gives no more threads, those that run are stopped.
void start_all(const threads& threads) {
  try {
    // A failing worker ends the server as a signal does: the others say goodbye to their clients first.
    for (const auto& thread : threads) thread->start([] { kill(getpid(), SIGTERM); });
  } catch (...) {
    stop_all(threads);
    throw;
  }
}

// However the server ends, no thread outlives it.
class stop_at_the_end {
 public:
  stop_at_the_end(const threads& threads, proxy::auth::hash_pool& hashes) : threads_(threads), hashes_(hashes) {}
  ~stop_at_the_end() {
    stop_all(threads_);
    hashes_.stop();  // whose answers go to the workers' mailboxes
  }
  stop_at_the_end(const stop_at_the_end&) = delete;
  stop_at_the_end& operator=(const stop_at_the_end&) = delete;

 private:
  const threads& threads_;
  proxy::auth::hash_pool& hashes_;
};

int tell_failure(console_log& log, const std::exception_ptr& failure) {
  std::string text = "a worker has failed, so this server ends: ";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    text += error.what();
  }
  log.write_always({.severity = base::severity::error, .event = "failed", .text = text, .fields = {}});
  return failed;
}

threads make_threads(const worker::process& process, const thread_surroundings& surroundings,
                     std::vector<net::wake_event>& wakes, const door_files& door) {
  threads threads;
  for (std::size_t n = 0; n < wakes.size(); ++n) {
    const base::worker_id id{static_cast<std::uint16_t>(n)};
    threads.push_back(std::make_unique<worker_thread>(process, id, surroundings, wakes[n], door, random_seed()));
  }
  return threads;
}

// Each worker has a socket of each listener.
void listen_all(const threads& threads, std::vector<open_listener>& listeners, const config::settings& settings,
                const door_files& door) {
  for (std::size_t n = 0; n < listeners.size(); ++n) {
    const auto how = how_to_listen(listeners[n].settings, settings.auth, door.tls[n]);
    for (std::size_t worker = 0; worker < threads.size(); ++worker) {
      threads[worker]->listen(std::move(listeners[n].sockets[worker]), how);
    }
  }
}

}  // namespace

int serve(const config::sources& sources) {
  const auto loaded = config::load(sources);
  auto settings = loaded.settings;
  const auto workers = worker_count(settings.workers);
  const auto map = std::make_unique<const shard_router::shard_map>(map_of(settings));
  const auto max_clients = clients_allowed(settings, workers);
  const auto signals = block_signals();
  service_manager manager;
  console_log log(settings.logging.format, settings.logging.level);
  std::optional<data_dir_lock> data_dir;
  if (!settings.data_dir.empty()) data_dir.emplace(settings.data_dir);
  proxy::listener::client_places places(max_clients);
  auto door = read_door_files(settings);
  auto listeners = open_listeners(settings, workers);

  std::vector<net::wake_event> wakes(workers);
  std::vector<base::waker*> wakers;
  for (auto& wake : wakes) wakers.push_back(&wake);
  worker::handover::exchange exchange(wakers);
  const auto limits = limits_of_worker(settings, workers);
  const worker::process process{limits,
                                *map,
                                settings.key_levels,
                                exchange,
                                random_seed(),
                                settings.auth.bind_client_id,
                                settings.auth.tell_reasons};
  proxy::auth::hash_pool hashes(settings.auth.threads, base::waiting_passwords);
  storage storage(settings, *map, workers, log);
  const auto threads = make_threads(process, {places, log, hashes, storage}, wakes, door);
  listen_all(threads, listeners, settings, door);
  std::vector<worker_thread*> of_operators;
  for (const auto& thread : threads) of_operators.push_back(thread.get());
  operators operators(settings, facts_of(settings, *map, listeners, max_clients), of_operators,
                      {*map, log, hashes, storage}, manager);
  operators.set_certificates(certificates_of(settings, door));

  const stop_at_the_end stopper(threads, hashes);
  start_all(threads);
  operators.start();
  for (const auto& warning : warnings_of(settings, door)) {
    log.write_always({.severity = base::severity::warning, .event = "certificates", .text = warning, .fields = {}});
  }
  say_hello(settings, listeners, {max_clients, workers, map->shard_count(), operators.address()});
  if (!loaded.file.empty()) say("the settings are those of " + loaded.file);
  manager.ready("serving");
  obey_signals(
      signals, manager, [&] { say_stats(threads, storage); },
      [&] {
        reload(sources, settings, {of_operators, places, operators, log, door});
      });
  manager.stopping();
  operators.drain();
  const auto failure = stop_all(threads);
  operators.stop();
  say("headgate has stopped");
  return failure ? tell_failure(log, failure) : done;
}

}  // namespace headgate::cli
