#include "loadtest/run/run.hpp"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "base/random.hpp"
#include "loadtest/core/phases.hpp"
#include "loadtest/run/clocks.hpp"
#include "loadtest/run/connections.hpp"
#include "loadtest/run/limits_reached.hpp"
#include "loadtest/run/server_probe.hpp"

namespace headgate::loadtest::run {

namespace {

constexpr std::uint64_t progress_ns = core::second_ns;
constexpr std::uint64_t cpu_look_ns = 50'000'000;
// Kept for the poller, files, standard streams and the resolver.
constexpr std::size_t reserved_descriptors = 64;
// From here on clients come from several addresses; fewer need neither the ports nor the calls.
constexpr std::size_t spread_clients = 1'000;

std::size_t clients_of(const core::plan& plan) {
  std::size_t sum = 0;
  for (const core::group& group : plan.groups) sum += group.clients;
  return sum;
}

void raise_descriptors(std::size_t clients) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (clients + reserved_descriptors <= limit.rlim_max) return;
  throw std::runtime_error("this process may open " + std::to_string(limit.rlim_max) + " descriptors, and " +
                           std::to_string(clients) + " clients need " + std::to_string(clients + reserved_descriptors) +
                           ": raise the limit (ulimit -n), or start several processes; 'headgate-loadtest doctor -c " +
                           std::to_string(clients) + "' says more");
}

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

std::uint64_t heap_bytes() {
  return mallinfo2().uordblks + mallinfo2().hblkhd;
}

std::uint64_t resident_bytes() {
  std::uint64_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    unsigned long all = 0;
    unsigned long resident = 0;
    if (std::fscanf(file, "%lu %lu", &all, &resident) == 2) pages = resident;
    std::fclose(file);
  }
  return pages * 4'096;
}

double seconds(std::uint64_t ns) {
  return static_cast<double>(ns) / static_cast<double>(core::second_ns);
}

// Of a counter of another process, which may have ended.
std::uint64_t grown(std::uint64_t from, std::uint64_t to) {
  return to > from ? to - from : 0;
}

// What is read at the two ends of measuring.
struct look {
  std::uint64_t wall_ns = 0;
  std::uint64_t waited_ns = 0;
  std::uint64_t own_cpu_ns = 0;
  std::uint64_t server_cpu_ns = 0;
  std::uint64_t server_bytes = 0;
  call_counts calls{};
};

class runner {
 public:
  runner(const core::plan& plan, const run_options& options)
      : plan_(plan), options_(options), probe_(options.server_pid, options.counters) {
    const std::size_t clients = clients_of(plan);
    raise_descriptors(clients);
    heap_before_ = heap_bytes();
    connections_ = std::make_unique<connections>(plan, clients > spread_clients);
    base::random_source random(now_ns() ^ static_cast<std::uint64_t>(std::time(nullptr)));
    fleet_ = core::make_fleet(plan, *connections_, static_cast<std::uint32_t>(random.next()));
    server_bytes_before_ = probe_.anonymous_bytes();
  }

  core::results run(const progress_handler& on_progress, const std::atomic<bool>& stop) {
    fleet_->results.started = time_of_day();
    core::start(*fleet_, now_ns());
    told_ns_ = now_ns();
    while (fleet_->phase != core::phase::over) {
      turn(stop.load(std::memory_order_relaxed));
      tell(on_progress);
    }
    return finish();
  }

 private:
  void turn(bool stops) {
    fleet_->is_stopped = stops;
    const std::uint64_t before = now_ns();
    const std::uint64_t due = core::next_due_ns(*fleet_, before);
    connections_->wait_ns(due > before ? due - before : 0);
    const std::uint64_t after = now_ns();
    waited_ns_ += after - before;
    connections_->handle(*fleet_);
    const core::phase was = fleet_->phase;
    look_at_cpu(after);
    core::on_turn(*fleet_, now_ns());
    if (was != fleet_->phase) on_phase(was, fleet_->phase);
  }

  void look_at_cpu(std::uint64_t now) {
    if (plan_.measuring.server_cpu_ns == 0 || fleet_->phase != core::phase::measuring) return;
    if (now < cpu_looked_ns_ + cpu_look_ns) return;
    cpu_looked_ns_ = now;
    fleet_->has_enough = grown(begin_.server_cpu_ns, probe_.cpu_ns()) >= plan_.measuring.server_cpu_ns;
  }

  void on_phase(core::phase was, core::phase is) {
    if (was == core::phase::connecting) heap_connected_ = heap_bytes() - fixed_bytes();
    if (is == core::phase::measuring) {
      if (options_.announces) std::fputs("measuring starts\n", stderr);
      begin_ = take_look();
    } else if (was == core::phase::measuring) {
      end_ = take_look();
      if (options_.announces) std::fputs("measuring ends\n", stderr);
      resident_bytes_ = resident_bytes();
    }
  }

  // Of the heap, what is there however many clients there are.
  std::size_t fixed_bytes() const {
    return connections_->fixed_bytes() + fleet_->results.connect.bytes() + fleet_->output.capacity();
  }

  look take_look() const {
    return {now_ns(),      waited_ns_, read_clock(CLOCK_PROCESS_CPUTIME_ID), probe_.cpu_ns(), probe_.anonymous_bytes(),
            probe_.calls()};
  }

  void tell(const progress_handler& on_progress) {
    const std::uint64_t now = fleet_->turn_ns;
    if (now < told_ns_ + progress_ns || !on_progress) return;
    on_progress(core::progress_of(*fleet_, told_, told_ns_, now));
    told_ = fleet_->total;
    told_ns_ = now;
  }

  core::results finish() {
    const std::size_t clients = fleet_->clients.size();
    core::results made = core::take_results(*fleet_, now_ns());
    made.connections.full_handshakes = connections_->full_handshakes();
    made.connections.resumed_handshakes = connections_->resumed_handshakes();
    core::generator_figures& own = made.generator;
    const std::uint64_t wall = end_.wall_ns - begin_.wall_ns;
    own.cpu_s = seconds(end_.own_cpu_ns - begin_.own_cpu_ns);
    if (wall != 0) own.busy = 1 - static_cast<double>(end_.waited_ns - begin_.waited_ns) / static_cast<double>(wall);
    own.resident_bytes = resident_bytes_;
    if (heap_connected_ > heap_before_) own.bytes_per_client = (heap_connected_ - heap_before_) / clients;
    if (probe_.has_process() && probe_.cpu_ns() == 0) {
      made.failures.push_back("the server's process, " + std::to_string(options_.server_pid) + ", has ended");
    }
    if (probe_.has_process()) made.server = server_figures_of(made, clients);
    own.limited = limits_reached(made);
    return made;
  }

  core::server_figures server_figures_of(const core::results& made, std::size_t clients) const {
    core::server_figures server;
    server.pid = options_.server_pid;
    server.cpu_s = seconds(grown(begin_.server_cpu_ns, end_.server_cpu_ns));
    server.anonymous_bytes_before = server_bytes_before_;
    server.anonymous_bytes_connected = begin_.server_bytes;
    server.anonymous_bytes_after = end_.server_bytes;
    if (made.measured_s > 0) {
      const double grown = static_cast<double>(begin_.server_bytes) - static_cast<double>(server_bytes_before_);
      server.bytes_per_client = grown / static_cast<double>(clients);
    }
    server.calls = probe_.named(begin_.calls, end_.calls);
    return server;
  }

  const core::plan& plan_;
  const run_options& options_;
  server_probe probe_;
  std::unique_ptr<connections> connections_;
  std::unique_ptr<core::fleet> fleet_;
  std::uint64_t heap_before_ = 0;
  std::uint64_t heap_connected_ = 0;
  std::uint64_t resident_bytes_ = 0;
  std::uint64_t server_bytes_before_ = 0;
  std::uint64_t waited_ns_ = 0;
  std::uint64_t cpu_looked_ns_ = 0;
  std::uint64_t told_ns_ = 0;
  core::counters told_{};
  look begin_;
  look end_;
};

}  // namespace

core::results carry_out(const core::plan& plan, const run_options& options, const progress_handler& on_progress,
                        const std::atomic<bool>& stop) {
  // The default of 50 µs would make every message of a schedule late.
  prctl(PR_SET_TIMERSLACK, 1);
  return runner(plan, options).run(on_progress, stop);
}

}  // namespace headgate::loadtest::run
