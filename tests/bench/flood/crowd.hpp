#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "loadtest/core/histogram.hpp"
#include "net/descriptor.hpp"
#include "net/poller.hpp"
#include "tests/bench/flood/visit.hpp"

namespace headgate::bench::flood {

struct crowd_settings {
  std::string address{};
  std::uint16_t port = 0;
  std::vector<std::string> sources{};  // addresses that connections come from, in turn; empty: the system chooses
  std::uint64_t timeout_ns = 0;        // the server has to have closed by then
  std::uint64_t patience_ns = 0;       // a visit for which it may wait leaves then
};

struct crowd_figures {
  std::uint64_t opened = 0;
  std::uint64_t bytes = 0;  // taken by sockets
  std::size_t most_open = 0;
  std::array<std::array<std::uint64_t, outcomes>, kinds> ended{};
  std::uint64_t wrong = 0;  // ended as they must not
  std::string first_wrong{};
  loadtest::core::histogram durations{};  // from connect to the server's close
};

// Connections that each do what their visit says, all at once, and how they ended. A connection is closed by a reset,
// so that neither side keeps it in TIME_WAIT and ports do not run out. One thread; nothing blocks but wait_ns().
class crowd {
 public:
  explicit crowd(crowd_settings settings) : settings_(std::move(settings)) {}

  void open(visit visit, std::uint64_t now_ns);
  // Waits for something to happen.
  void wait_ns(std::uint64_t timeout_ns) { poller_.wait_ns(timeout_ns); }
  // Does what is to be done about all that wait_ns() found.
  void handle(std::uint64_t now_ns);
  // Leaves those whose time is over. Looks at all of them, so not to be called in every turn.
  void expire(std::uint64_t now_ns);
  std::size_t open_now() const { return open_; }
  const crowd_figures& figures() const { return figures_; }

 private:
  struct connection {
    net::descriptor socket{};
    flood::visit visit{};
    std::uint64_t begun_ns = 0;
    std::size_t sent = 0;  // of what is to be sent now
    bool waits_for_room = false;
    bool first_is_out = false;
    bool then_is_out = false;
    bool accepted = false;
    bool refused = false;
    bool told = false;
    std::string received{};  // what is not a whole packet yet
  };

  static bool stood(const connection& of, int error);
  void send(std::size_t at);
  void send_failed(std::size_t at, int error);
  void read(std::size_t at, std::uint64_t now_ns);
  void on_packets(std::size_t at);
  void watch_writing(std::size_t at, bool wanted);
  outcome outcome_of_closed(const connection& of) const;
  void end(std::size_t at, outcome seen, const std::string& why = {});
  void count(const visit& visit, outcome seen, const std::string& why);

  crowd_settings settings_;
  net::poller poller_;
  std::vector<connection> connections_;
  std::vector<std::size_t> free_;
  std::size_t open_ = 0;
  crowd_figures figures_;
};

}  // namespace headgate::bench::flood
