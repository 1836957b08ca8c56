#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "loadtest/core/fleet.hpp"
#include "loadtest/core/wire.hpp"
#include "loadtest/run/addresses.hpp"
#include "loadtest/run/tls_clients.hpp"
#include "net/buffer_pool.hpp"
#include "net/descriptor.hpp"
#include "net/poller.hpp"

namespace headgate::loadtest::run {

// The sockets of a fleet's clients, and the one poller that watches them. One thread.
//
// 1. A packet that came in part is kept by its client; everything else is parsed in the one buffer that all reads
// share.
// 2. What a socket does not take at once is kept by its client and sent when the poller says so: order is kept.
// 3. With TLS, everything that is sent waits until the handshake is done.
// 4. A connection that fails while it is begun is told to the fleet in the next turn, never from within connect().
class connections final : public core::wire {
 public:
  // `spreads_sources`: whether clients come from different addresses where the target is on loopback.
  // Throws std::exception with a sentence when a name cannot be resolved, or a file of TLS cannot be used.
  connections(const core::plan& plan, bool spreads_sources);
  ~connections() override;
  connections(const connections&) = delete;
  connections& operator=(const connections&) = delete;

  void connect(std::uint32_t client) override;
  bool send(std::uint32_t client, base::bytes data) override;
  void close(std::uint32_t client) override;

  // Waits for at most `timeout_ns`; 0 if something failed meanwhile that the fleet has not heard of.
  void wait_ns(std::uint64_t timeout_ns);
  // What it holds however many clients there are.
  std::size_t fixed_bytes() const { return input_.capacity(); }

  std::uint64_t full_handshakes() const { return tls_ ? tls_->full() : 0; }
  std::uint64_t resumed_handshakes() const { return tls_ ? tls_->resumed() : 0; }

  // Hands what has happened to the fleet.
  void handle(core::fleet& fleet);

 private:
  // Small: there may be very many that do nothing.
  struct connection {
    net::descriptor socket;
    std::unique_ptr<net::tls_stream> tls;  // on the socket; none: it is plain
    bool waits_for_room = false;           // the poller watches for writing
    bool is_asked = false;                 // its target's name is being looked up
    bool was_accepted = false;             // the client got its CONNACK
    std::uint16_t failures = 0;            // in a row, without a CONNACK
    int send_error = 0;                    // what a send met; told once all has been read
    net::buffer partial;
    net::buffer unsent;
  };

  void open(std::uint32_t client);
  void fail(std::uint32_t client, std::string reason);
  void release(std::uint32_t client);
  void on_event(core::fleet& fleet, net::poller::event event);
  // Whether the connection may be used by now; it may have ended.
  bool shake_hands(core::fleet& fleet, std::uint32_t client);
  void read_all(core::fleet& fleet, std::uint32_t client);
  void read(core::fleet& fleet, std::uint32_t client);
  void flush(core::fleet& fleet, std::uint32_t client);
  void end(core::fleet& fleet, std::uint32_t client, const std::string& reason);
  void watch_writing(std::uint32_t client, bool wanted);
  std::string source_of(std::uint32_t client, const std::string& address) const;

  struct failed {
    std::uint32_t client = 0;
    std::string reason;
  };

  addresses addresses_;
  std::unique_ptr<tls_clients> tls_;
  net::poller poller_;
  net::buffer_pool pool_;
  std::vector<connection> connections_;
  std::vector<std::uint8_t> input_;
  std::vector<failed> failed_;
  bool spreads_sources_;
  std::uint32_t source_base_;
};

}  // namespace headgate::loadtest::run
