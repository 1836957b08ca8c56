#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/relay/command.hpp"
#include "loadtest/relay/connection.hpp"
#include "loadtest/relay/fault.hpp"
#include "loadtest/relay/fault_plan.hpp"
#include "net/poller.hpp"
#include "net/system_clock.hpp"

namespace headgate::loadtest::relay {

struct relay_options {
  std::string target_address;  // IPv4 or IPv6, as a number (resolve.hpp)
  std::uint16_t target_port = 0;
  std::string listen_address = "127.0.0.1";
  std::uint16_t listen_port = 0;  // 0: one that is free
  std::uint64_t seed = 1;         // decides probabilities, bits and jitter
  // Told of each fault when it is made, in step().
  std::function<void(const fault&)> on_fault{};
  // Told a sentence when the server cannot be reached for the first time; the sums count how often.
  std::function<void(const std::string&)> on_unreachable{};
};

// A TCP relay between MQTT clients and a server that makes faults when it is told to.
//
//   relay relay({.target_address = "127.0.0.1", .target_port = server.port()});
//   relay.apply("drop publish down nth 5000");   // "ok rule 1: drop PUBLISH 5000 down, of all connections"
//   while (!done) relay.step(100);
//
// One thread, which is the one that calls step(); relay_thread.hpp has one with a thread of its own. Lifetime: the
// sockets are closed with the relay.
//  1. Each direction of a connection holds at most max_waiting_bytes and one packet of up to 1 MiB: whoever sends to a
//     side that does not take is not read meanwhile.
//  2. What one side sent before its FIN or reset goes to the other one before that one gets the same.
//  3. A client whose server cannot be reached is reset.
class relay {
 public:
  static constexpr std::size_t max_waiting_bytes = 1024 * 1024;

  // Listens. Throws std::system_error with a sentence when it cannot.
  explicit relay(relay_options options);
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;
  ~relay();

  std::uint16_t port() const { return port_; }
  // A command line (command.hpp), carried out at once. Returns "ok …" or "error …", one line without its end.
  std::string apply(std::string_view line);
  // After the command `quit`.
  bool is_over() const { return is_over_; }
  const sums& done() const { return log_.done; }

  // Waits for something to do, at most `timeout_ms` (-1: for ever), and does it.
  void step(int timeout_ms);
  // Steps until the condition holds; false when it did not within `most_ms`.
  template <class Condition>
  bool run_until(Condition condition, std::uint64_t most_ms) {
    const auto deadline_ns = clock_.monotonic_ns() + most_ms * 1'000'000;
    while (!condition()) {
      const auto now_ns = clock_.monotonic_ns();
      if (now_ns >= deadline_ns) return false;
      step(static_cast<int>((deadline_ns - now_ns) / 1'000'000 + 1));
    }
    return true;
  }

  // Calls `readable` in step() whenever the descriptor is readable. False where the kernel does not poll such a
  // descriptor: a file, which is always readable.
  bool watch(int fd, std::function<void()> readable);
  void unwatch(int fd);

 private:
  struct timer {
    std::uint64_t at_ns = 0;
    std::uint64_t key = 0;
    bool operator>(const timer& other) const { return at_ns > other.at_ns; }
  };
  struct watched {
    int fd = -1;
    std::function<void()> readable;
  };

  // apply_command.cpp
  std::string carry_out(const command& asked);
  std::string add_rule(const rule& what);
  std::string cut_now(const rule& what);
  std::string half_close_now(const rule& what);
  fault fault_of(fault_kind kind, const connection& at) const;
  std::string find_missing(const command& asked) const;
  void rules_changed();

  // accepting.cpp
  void accept_clients();
  void take_client(net::descriptor socket);
  int connect_to_server(connection& at);  // errno, or 0
  void begin_polling(connection& at, side& which, bool is_server);
  void refresh(connection& at);
  void fail_connect(int error);
  void close(connection& at, bool with_reset);

  // moving.cpp
  void handle(const net::poller::event& event);
  void handle_side(connection& at, direction from, const net::poller::event& event);
  bool finish_connecting(connection& at);
  void take_down(connection& at, direction from);
  void read(connection& at, direction way);
  void push(connection& at, direction way);
  void send(connection& at, direction way);
  bool wants_more(connection& at, direction way);
  void settle(connection& at);
  bool is_done(connection& at, direction way);
  void update_interest(connection& at, side& which, direction outgoing);
  void set_timer(connection& at, direction way);

  std::uint64_t key_of(const connection& at, const side& which) const;
  connection* find(std::uint64_t key);
  int timeout_of(int timeout_ms);
  void run_timers();

  const relay_options options_;
  net::system_clock clock_;
  net::poller poller_;
  net::descriptor listener_;
  std::uint16_t port_ = 0;
  bool is_listening_ = true;
  std::uint64_t listen_again_ns_ = ~std::uint64_t{0};  // while descriptors were short
  bool is_over_ = false;
  bool has_told_unreachable_ = false;

  fault_plan plan_;
  fault_log log_;
  net::buffer_pool pool_;
  std::vector<std::unique_ptr<connection>> connections_;  // by slot
  std::vector<std::uint32_t> generations_;                // the same
  std::vector<std::uint32_t> free_slots_;
  std::vector<watched> watched_;
  std::priority_queue<timer, std::vector<timer>, std::greater<>> timers_;
  std::uint64_t next_stall_ns_ = ~std::uint64_t{0};
  std::uint64_t now_ns_ = 0;  // of the turn
  std::vector<std::uint8_t> scratch_;
  std::vector<std::uint8_t> out_;
};

}  // namespace headgate::loadtest::relay
