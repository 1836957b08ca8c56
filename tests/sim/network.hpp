#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "mqtt/framing.hpp"
#include "proxy/gateway/client_port.hpp"
#include "tests/sim/lifeline.hpp"
#include "tests/unit/property.hpp"
#include "worker/rim.hpp"

namespace headgate::sim {

// One connection, as its two ends see it. Never used again for another, so that a model may look at it later.
struct connection {
  // The client's end.
  std::string to_server;    // sent and not taken by the server yet
  std::string to_client;    // arrived
  std::size_t takes = all;  // bytes that the client takes until told otherwise
  bool shut = false;        // it says that it sends no more, and goes; what it sent still counts
  bool abandoned = false;   // it has left, and the connection is half-open
  bool broken = false;      // it is gone without a word: what was under way is lost
  // The server's end.
  std::uint32_t number = 0;
  bool open = true;
  bool announced = false;
  bool reading = true;
  bool finished = false;                          // the server sends no more
  std::size_t kept = 0;                           // of to_server, handed over before and not done with
  std::string pending;                            // what the client did not take
  bool said_goodbye = false;                      // it was closed because of what it read: DISCONNECT came
  std::function<void(const mqtt::frame&)> watch;  // sees each packet as it is handed to the socket; may be empty
  std::string unwatched;                          // the beginning of one
  std::uint64_t ended_ms = 0;                     // when the server's end was closed, or was to send no more

  static constexpr std::size_t all = ~std::size_t{0};
  // The server is done with it.
  bool ended() const { return finished || !open; }
  // Whether the client can see that there is no more to come.
  bool at_end() const { return (!open || finished) && to_client.empty() && (pending.empty() || !open); }
};

// The sockets of one worker, without sockets: what clients send waits here until the worker reads, in pieces that the
// dice decide. One thread.
class network final : public worker::rim, public proxy::gateway::client_port {
 public:
  network(tests::dice& dice, base::clock& clock, lifeline& life) : dice_(dice), clock_(clock), life_(life) {}

  connection* connect();

  void poll(int timeout_ms) override { last_timeout_ms = timeout_ms; }
  bool read_clients(worker::client_events& events) override;
  void close_listeners() override {}

  std::uint32_t send(std::uint32_t client, std::span<const base::bytes> parts) override;
  void finish(std::uint32_t client) override;
  void close(std::uint32_t client) override;
  void set_reading(std::uint32_t client, bool reading) override;
  std::string peer_of(std::uint32_t client) const override { return "client " + std::to_string(client); }
  proxy::gateway::entrance entrance_of(std::uint32_t) const override { return {"tcp", true, {}, {}}; }

  // Something that the worker would find at once.
  bool has_input() const;

  // Whoever has left his connection to itself gives it up now.
  void give_up_abandoned();

  // The process is dead: all connections are over. What it had sent arrives, or some of it.
  void end_all();

  int last_timeout_ms = 0;

 private:
  connection& at(std::uint32_t client) { return *by_number_[client]; }
  static void take(connection& end);
  static void show(connection& end, std::span<const base::bytes> parts);
  void read(std::uint32_t client, connection& end, worker::client_events& events);
  void report_closed(std::uint32_t client, worker::client_events& events);

  tests::dice& dice_;
  base::clock& clock_;
  lifeline& life_;
  std::deque<connection> all_;
  std::vector<connection*> by_number_;  // null: free
};

}  // namespace headgate::sim
