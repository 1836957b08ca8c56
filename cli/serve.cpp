#include "cli/serve.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <future>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "cli/console_log.hpp"
#include "cli/stats.hpp"
#include "cli/worker_thread.hpp"
#include "net/tcp.hpp"
#include "net/wake_event.hpp"
#include "proxy/listener/client_places.hpp"
#include "shard-router/changes.hpp"
#include "worker/handover/exchange.hpp"
#include "worker/worker.hpp"

namespace headgate::cli {

namespace {

// How long the workers may take to answer before we say that one does not.
constexpr std::chrono::seconds stats_patience{5};

// Descriptors of a worker: its poller, its wake-up, its listener. Files, logs and the first three stand beside them.
constexpr std::uint32_t descriptors_per_worker = 3;
constexpr std::uint32_t descriptors_beside_workers = 16;

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

// Raises the soft limit of open files to the hard one and returns how many clients that allows.
std::uint32_t clients_allowed(std::uint32_t wanted, std::uint32_t workers) {
  const auto reserved =
      std::max(base::reserved_descriptors, descriptors_beside_workers + workers * descriptors_per_worker);
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

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

std::string count(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

void say_hello(const config::settings& settings, std::uint16_t port, std::uint32_t max_clients, std::uint32_t workers,
               std::uint32_t shards) {
  const bool v6 = settings.listeners.front().bind.find(':') != std::string::npos;
  const auto address = v6 ? "[" + settings.listeners.front().bind + "]" : settings.listeners.front().bind;
  say("headgate " HEADGATE_VERSION " listening on " + address + ":" + std::to_string(port));
  say("room for " + count(max_clients, "client") + "; " + count(workers, "worker") + " and " + count(shards, "shard") +
      "; the log of each shard holds " + std::to_string(settings.limits.log_memory_bytes >> 20) +
      " MiB in memory and ends with this process");
  if (net::is_loopback(settings.listeners.front().bind)) {
    say("only this machine can connect; to open up: --set listeners.tcp.bind=0.0.0.0 --set "
        "listeners.tcp.anonymous=allow (then anybody who reaches it may publish and subscribe)");
  } else {
    say("warning: anybody who reaches " + settings.listeners.front().bind + " may connect, publish and subscribe");
  }
}

std::future<counters> ask_counters(worker_thread& thread) {
  const auto asked = std::make_shared<std::promise<counters>>();
  thread.post([asked](const auto& worker, const auto& sockets) { asked->set_value({worker.view(), sockets.view()}); });
  return asked->get_future();
}

// The workers copy their counters out; they are added and printed here, so that a reader who does not read never stops
// a worker.
void say_stats(const threads& threads) {
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
  say("stats " + stats_line(sum.worker, sum.listener));
}

// Waits for signals until one of them ends the server.
void obey_signals(const sigset_t& signals, const threads& threads) {
  for (;;) {
    int number = 0;
    sigwait(&signals, &number);
    if (number == SIGTERM || number == SIGINT) return;
    if (number == SIGUSR1) say_stats(threads);
    if (number == SIGHUP) say("nothing to reload: the settings come from the command line");
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

}  // namespace

int serve(const config::settings& settings) {
  config::check(settings);
  const auto workers = worker_count(settings.workers);
  const auto map = std::make_unique<const shard_router::shard_map>(map_of(settings));
  const auto max_clients = clients_allowed(settings.limits.max_clients, workers);
  const auto signals = block_signals();
  console_log log;
  proxy::listener::client_places places(max_clients);
  auto listeners = net::listen_tcp(settings.listeners.front().bind, settings.listeners.front().port, workers);
  const auto port = net::local_port(listeners.front().get());

  std::vector<net::wake_event> wakes(workers);
  std::vector<base::waker*> wakers;
  for (auto& wake : wakes) wakers.push_back(&wake);
  worker::handover::exchange exchange(wakers);
  const worker::process process{settings.limits, *map, settings.key_levels, exchange, random_seed()};
  threads threads;
  for (std::uint32_t n = 0; n < workers; ++n) {
    const base::worker_id id{static_cast<std::uint16_t>(n)};
    std::vector<named_listener> of_this_one;
    of_this_one.push_back({std::move(listeners[n]), settings.listeners.front().name});
    threads.push_back(
        std::make_unique<worker_thread>(process, id, std::move(of_this_one), places, wakes[n], log, random_seed()));
  }

  start_all(threads);
  say_hello(settings, port, max_clients, workers, map->shard_count());
  obey_signals(signals, threads);
  const auto failure = stop_all(threads);
  say("headgate has stopped");
  if (failure) std::rethrow_exception(failure);
  return 0;
}

}  // namespace headgate::cli
