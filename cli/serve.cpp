#include "cli/serve.hpp"

#include <pthread.h>
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
#include <system_error>
#include <thread>

#include "cli/console_log.hpp"
#include "cli/stats.hpp"
#include "net/system_clock.hpp"
#include "net/tcp.hpp"
#include "net/wake_event.hpp"
#include "proxy/listener/client_sockets.hpp"
#include "worker/worker.hpp"

namespace headgate::cli {

namespace {

// How long a worker may take to answer before we say that it does not.
constexpr std::chrono::seconds stats_patience{5};

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

// Raises the soft limit of open files to the hard one and returns how many clients that allows.
std::uint32_t clients_allowed(std::uint32_t wanted) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_NOFILE, &files);
  const auto limit = files.rlim_cur > base::reserved_descriptors ? files.rlim_cur - base::reserved_descriptors : 1;
  const auto allowed = static_cast<std::uint32_t>(std::min<rlim_t>(limit, 0xffff'fffe));
  if (wanted > allowed) {
    throw settings_error("limits.max_clients=" + std::to_string(wanted) + " needs " +
                         std::to_string(std::uint64_t{wanted} + base::reserved_descriptors) +
                         " open files, and the limit is " + std::to_string(files.rlim_cur) +
                         ": raise the hard one (ulimit -Hn as root, or LimitNOFILE= of a systemd unit)");
  }
  return wanted == 0 ? allowed : wanted;
}

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void say_hello(const settings& settings, std::uint16_t port, std::uint32_t max_clients) {
  const bool v6 = settings.bind.find(':') != std::string::npos;
  const auto address = v6 ? "[" + settings.bind + "]" : settings.bind;
  say("headgate " HEADGATE_VERSION " listening on " + address + ":" + std::to_string(port));
  say("room for " + std::to_string(max_clients) + " clients; the log holds " +
      std::to_string(settings.limits.log_memory_bytes >> 20) + " MiB in memory and ends with this process");
  if (net::is_loopback(settings.bind)) {
    say("only this machine can connect; to open up: --set listeners.tcp.bind=0.0.0.0 --set "
        "listeners.tcp.anonymous=allow (then anybody who reaches it may publish and subscribe)");
  } else {
    say("warning: anybody who reaches " + settings.bind + " may connect, publish and subscribe");
  }
}

// The worker copies its counters out; they are printed here, so that a reader who does not read never stops the worker.
void say_stats(worker::worker& worker, const proxy::listener::client_sockets& sockets) {
  const auto line = std::make_shared<std::promise<std::string>>();
  auto answer = line->get_future();
  worker.letters().post([&, line] { line->set_value("stats " + stats_line(worker.view(), sockets.view())); });
  if (answer.wait_for(stats_patience) == std::future_status::ready) return say(answer.get());
  say("stats are not to be had: the worker has not answered for " + std::to_string(stats_patience.count()) + " s");
}

// Waits for signals until one of them ends the server.
void obey_signals(const sigset_t& signals, worker::worker& worker, const proxy::listener::client_sockets& sockets) {
  for (;;) {
    int number = 0;
    sigwait(&signals, &number);
    if (number == SIGUSR1) {
      say_stats(worker, sockets);
      continue;
    }
    if (number == SIGHUP) {
      say("nothing to reload: the settings come from the command line");
      continue;
    }
    worker.letters().post([&] { worker.stop(); });
    return;
  }
}

}  // namespace

int serve(const settings& settings) {
  check(settings);
  const auto max_clients = clients_allowed(settings.limits.max_clients);
  const auto signals = block_signals();
  console_log log;
  net::system_clock clock;
  net::wake_event wake;
  proxy::listener::client_sockets sockets(max_clients, wake, log);
  const auto port = sockets.listen(settings.bind, settings.port);
  worker::worker worker(settings.limits, base::worker_id{0}, {sockets, sockets, clock, wake, log}, random_seed());

  std::exception_ptr failure;
  std::thread thread([&] {
    try {
      worker.run();
    } catch (...) {
      failure = std::current_exception();
      kill(getpid(), SIGTERM);
    }
  });
  say_hello(settings, port, max_clients);
  obey_signals(signals, worker, sockets);
  thread.join();
  say("headgate has stopped");
  if (failure) std::rethrow_exception(failure);
  return 0;
}

}  // namespace headgate::cli
