#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tests/sim/book.hpp"
#include "tests/sim/device.hpp"
#include "tests/sim/rights.hpp"
#include "tests/sim/server.hpp"
#include "tests/sim/topics.hpp"
#include "tests/sim/trace.hpp"
#include "tests/unit/property.hpp"

namespace headgate::sim {

// What a run does.
struct run_options {
  std::uint64_t seed = 1;
  std::uint32_t events = 5000;  // at least
  bool small_log = false;
  bool kills = false;  // the process dies now and then
  std::size_t trace_lines = 0;
};

// A shared subscription as the model sees it.
struct group_state {
  std::uint32_t since_step = 0;      // from here on everything above QoS 0 is owed to some member; 0: nothing is
  std::uint32_t break_step = 0;      // a member's connection broke or ended, or it unsubscribed
  std::vector<std::uint8_t> copies;  // by message
  std::uint32_t lost_before = 0;     // messages below it may have ended at QoS 2 with the session of a member
};

// All that one run owns; its events and checks are free functions over it, each group in a file of its own.
struct run_state {
  explicit run_state(const run_options& options);

  run_options options;
  tests::dice dice;
  sim::trace trace;
  sim::book book;
  sim::server server;
  std::vector<device> devices;
  std::array<group_state, groups.size()> shared;
  sim::rights rights;
  // By filter and topic; the rows behind the ordinary filters are those of the groups.
  std::array<std::array<bool, topics.size()>, filters.size() + groups.size()> match{};
  std::uint32_t step = 0;
  std::uint32_t connections = 0;  // begun so far
  std::uint32_t disconnections = 0;
  std::uint32_t deliveries = 0;
  std::uint32_t faults = 0;
  bool is_disk_full = false;
  bool settling = false;  // the run comes to its end: nothing new begins
  bool losses = false;    // something is missing that a small log may have dropped

  // Whether the n-th filter of a device (filters.size(): that of its group) matches.
  bool matches(const device& device, std::size_t n, std::size_t topic) const {
    return match[n < filters.size() ? n : filters.size() + static_cast<std::size_t>(device.group)][topic];
  }
};

[[noreturn]] void fail(run_state& run, const device& device, const std::string& what);

// ---- changing_rights.cpp
void change_rights(run_state& run);
// At the moment in which a packet is handed to the device's socket: nothing that it may not read by then.
void check_shown(run_state& run, const device& device, const mqtt::frame& frame);

// ---- connecting.cpp
void connect(run_state& run, device& device, bool clean);
// Says goodbye, or breaks the connection.
void drop(run_state& run, device& device);
void on_connack(run_state& run, device& device, const mqtt::frame& frame);
// The client has seen that its connection is over, or has left it.
void end_connection(run_state& run, device& device);
void forget_session(run_state& run, device& device);
// A member leaves its group, for a while or for ever.
void leave_group(run_state& run, const device& device, bool for_good);

// ---- dying.cpp
void free_disks(run_state& run);
// The server is to die soon, or is stopped, or has a disk that is full.
void begin_fault(run_state& run);
// The server is dead: it starts again.
void come_back(run_state& run);

// ---- talking.cpp
void send(run_state& run, device& device, std::string_view bytes);
void send_acknowledgement(run_state& run, device& device, mqtt::packet_type type, std::uint16_t packet_id);
void publish(run_state& run, device& device);
void send_publish(run_state& run, device& device, const outgoing_publish& publish, bool dup);
void subscribe(run_state& run, device& device);
void unsubscribe(run_state& run, device& device);
// Acknowledges some of what came, in any order, or all.
void acknowledge(run_state& run, device& device, bool all);
std::uint16_t take_packet_id(device& device);

// ---- receiving.cpp
// Takes what has arrived.
void receive(run_state& run, device& device);
void on_delivery(run_state& run, device& device, const mqtt::frame& frame);  // arriving.cpp

// ---- settling.cpp
void settle(run_state& run);
// At rest, with every client back: what is owed has come.
void check_at_rest(run_state& run);  // at_rest.cpp

// ---- events.cpp
void next_event(run_state& run);

struct run_result {
  std::uint64_t hash = 0;
  std::uint32_t events = 0;
  std::uint32_t disconnections = 0;
  std::uint32_t faults = 0;
  std::uint32_t messages = 0;
  std::uint32_t deliveries = 0;
  std::uint64_t resumed = 0;
  bool losses = false;
};
// Throws violation; `lines` then has the end of the trace.
run_result run_seed(const run_options& options, std::deque<std::string>& lines);

}  // namespace headgate::sim
