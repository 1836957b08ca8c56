#include <cstdio>
#include <stdexcept>

#include "clock.hpp"
#include "probe_runs.hpp"
#include "setup.hpp"

namespace headgate::bench {

namespace {

constexpr std::uint64_t cpu_check_interval_ns = 50'000'000;

std::uint64_t ns_of(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

// Each connection: opened with its CONNECT -> CONNACK read, DISCONNECT sent -> closed by the server, then by us.
//
// The connections are visited in a circle, each for its next step, and waited for in that order: a server answers in
// about the order in which it was asked, and without epoll the generator spends eight system calls a connection, not
// thirteen. It costs more of them than the server either way.
class connects {
 public:
  explicit connects(const options& chosen)
      : chosen_(chosen), clients_(chosen, fleet::sockets::passing), probe_(chosen.server_pid, chosen.counters) {}

  run_result run() {
    // Half of them a step behind the others, so that every stretch of the circle has both kinds of step.
    for (std::uint32_t i = 0; i < chosen_.in_flight; ++i) open();
    for (std::uint32_t client = 0; client < open_; client += 2) take_step(client);
    const std::uint64_t started = now_ns();
    circle_until([&](std::uint64_t now) { return now - started >= ns_of(chosen_.warm_up_s); });
    if (chosen_.announce) std::fputs("measuring starts\n", stderr);
    const instant from = look();
    circle_until([&](std::uint64_t now) { return enough(from, now); });
    const instant to = look();
    if (chosen_.announce) std::fputs("measuring ends\n", stderr);

    run_result made;
    probe_.report(from, to, made.figures);
    made.figures.add("losses", std::uint64_t{stalled_});
    if (stalled_) made.failure = "the server left a connection unanswered, or open after its DISCONNECT";
    return made;
  }

 private:
  template <class Over>
  void circle_until(Over over) {
    while (!stalled_ && !over(now_ns())) {
      take_step(next_);
      next_ = next_ + 1 == chosen_.in_flight ? 0 : next_ + 1;
    }
  }

  void open() {
    // A client that was closed hands its number on, so that there are never more numbers than connections in flight.
    clients_.open(client_id_of(opened_++));
    ++open_;
  }

  // Waits for the answer that is due and does what follows it.
  void take_step(std::uint32_t client) {
    for (;;) {
      bool answered = false;
      const bool still_open = clients_.receive(
          client, [&](const packet& found) { answered = on_connack(client, found); }, true);
      if (!still_open) {
        clients_.close(client);
        --open_;
        open();
        return;
      }
      if (answered) return;
      if (!clients_.await_readable(client, chosen_.stall_seconds)) {
        stalled_ = true;
        return;
      }
    }
  }

  bool on_connack(std::uint32_t client, const packet& found) {
    const bool accepts = found.first_byte == 0x20 && found.size >= 2 && found.body[1] == 0;
    if (!accepts) throw std::runtime_error("the server refused a connection");
    static constexpr std::uint8_t disconnect[] = {0xe0, 0};
    clients_.send(client, disconnect);
    ++accepted_;
    return true;
  }

  bool enough(const instant& from, std::uint64_t now) {
    if (now - from.wall_ns >= ns_of(chosen_.max_seconds)) return true;
    if (chosen_.messages != 0 && accepted_ - from.deliveries >= chosen_.messages) return true;
    if (!probe_.has_pid() || now - cpu_checked_ns_ < cpu_check_interval_ns) return false;
    cpu_checked_ns_ = now;
    return probe_.cpu_ns() - from.server_cpu_ns >= ns_of(chosen_.cpu_seconds);
  }

  instant look() const {
    instant seen = probe_.look();
    seen.published = opened_;
    seen.deliveries = accepted_;
    return seen;
  }

  const options& chosen_;
  fleet clients_;
  server_probe probe_;
  bool stalled_ = false;
  std::uint32_t next_ = 0;
  std::uint32_t open_ = 0;
  std::uint64_t opened_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t cpu_checked_ns_ = 0;
};

}  // namespace

run_result run_connects(const options& chosen) {
  return connects(chosen).run();
}

}  // namespace headgate::bench
