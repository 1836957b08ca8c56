#include "steady_run.hpp"

#include <algorithm>
#include <cstdio>

#include "clock.hpp"

namespace headgate::bench {

namespace {

constexpr std::uint64_t longest_wait_ns = 50'000'000;
constexpr std::uint64_t cpu_check_interval_ns = 50'000'000;

// warming -> measuring -> draining -> over; over also from anywhere when nothing moves any more.
enum class phase { warming, measuring, draining, over };

std::uint64_t ns_of(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

class steady_run {
 public:
  steady_run(workload& load, fleet& clients, const options& chosen)
      : load_(load), clients_(clients), chosen_(chosen), probe_(chosen.server_pid, chosen.counters) {}

  run_result run() {
    started_ns_ = progress_ns_ = now_ns();
    while (phase_ != phase::over) {
      turn();
      step(now_ns());
    }
    return result();
  }

 private:
  void turn() {
    std::uint64_t timeout = longest_wait_ns;
    if (const std::uint64_t due = load_.next_due_ns(); due != 0 && phase_ != phase::draining) {
      const std::uint64_t now = now_ns();
      timeout = std::min(timeout, due > now ? due - now : 0);
    }
    // The first turn has nothing to wait for: nothing is published yet.
    if (load_.published() == 0) timeout = 0;
    for (const epoll_event& event : clients_.wait(timeout)) {
      if (event.events & EPOLLOUT) clients_.resume(event.data.u32);
      if (event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) load_.on_readable(event.data.u32);
    }
    if (phase_ != phase::draining) load_.publish(now_ns());
  }

  void step(std::uint64_t now) {
    if (load_.deliveries() != last_deliveries_) {
      last_deliveries_ = load_.deliveries();
      progress_ns_ = now;
    }
    const bool stalled = now - progress_ns_ > ns_of(chosen_.stall_seconds);
    switch (phase_) {
      case phase::warming:
        if (stalled) give_up();
        if (is_warm(now)) start_measuring();
        break;
      case phase::measuring:
        if (stalled || enough(now)) end_measuring();
        if (stalled) give_up();
        break;
      case phase::draining:
        if (load_.drained() || stalled) phase_ = phase::over;
        break;
      case phase::over:
        break;
    }
  }

  bool is_warm(std::uint64_t now) const {
    return now - started_ns_ >= ns_of(chosen_.warm_up_s) && load_.deliveries() >= chosen_.warm_up_messages;
  }

  void give_up() {
    stalled_ = true;
    phase_ = phase::over;
  }

  instant look() const {
    instant seen = probe_.look();
    seen.published = load_.published();
    seen.deliveries = load_.deliveries();
    return seen;
  }

  void start_measuring() {
    if (chosen_.announce) std::fputs("measuring starts\n", stderr);
    from_ = look();
    load_.on_measuring(true);
    phase_ = phase::measuring;
  }

  void end_measuring() {
    load_.on_measuring(false);
    to_ = look();
    if (chosen_.announce) std::fputs("measuring ends\n", stderr);
    phase_ = phase::draining;
  }

  bool enough(std::uint64_t now) {
    if (now - from_.wall_ns >= ns_of(chosen_.max_seconds)) return true;
    if (chosen_.messages != 0 && load_.deliveries() - from_.deliveries >= chosen_.messages) return true;
    if (!probe_.has_pid() || now - cpu_checked_ns_ < cpu_check_interval_ns) return false;
    cpu_checked_ns_ = now;
    return probe_.cpu_ns() - from_.server_cpu_ns >= ns_of(chosen_.cpu_seconds);
  }

  run_result result() const {
    run_result made;
    probe_.report(from_, to_, made.figures);
    const faults seen = load_.final_faults();
    made.figures.add("losses", seen.losses);
    made.figures.add("out_of_order", seen.out_of_order);
    made.figures.add("wrong", seen.wrong);
    load_.report(made.figures);
    if (stalled_) {
      made.failure = "nothing was delivered for " + std::to_string(chosen_.stall_seconds) + " s";
    } else if (seen.losses + seen.out_of_order + seen.wrong != 0) {
      made.failure = std::to_string(seen.losses) + " messages were missing at their place, " +
                     std::to_string(seen.out_of_order) + " came twice or late, " + std::to_string(seen.wrong) +
                     " were not what was due";
    }
    return made;
  }

  workload& load_;
  fleet& clients_;
  const options& chosen_;
  server_probe probe_;
  phase phase_ = phase::warming;
  bool stalled_ = false;
  instant from_;
  instant to_;
  std::uint64_t started_ns_ = 0;
  std::uint64_t progress_ns_ = 0;
  std::uint64_t cpu_checked_ns_ = 0;
  std::uint64_t last_deliveries_ = 0;
};

}  // namespace

run_result run_steadily(workload& load, fleet& clients, const options& chosen) {
  return steady_run(load, clients, chosen).run();
}

}  // namespace headgate::bench
