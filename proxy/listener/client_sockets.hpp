#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_sink.hpp"
#include "base/slab.hpp"
#include "net/poller.hpp"
#include "net/tcp.hpp"
#include "net/wake_event.hpp"
#include "proxy/gateway/client_port.hpp"
#include "proxy/listener/client_places.hpp"
#include "proxy/listener/connection.hpp"
#include "proxy/listener/listening.hpp"
#include "proxy/listener/tls_clients.hpp"
#include "proxy/listener/tls_lines.hpp"
#include "proxy/listener/view.hpp"
#include "worker/rim.hpp"

namespace headgate::proxy::listener {

// The real sockets of one worker: its listeners, its clients and its wake-up, in one poller. It frames nothing and
// decides nothing: bytes go to the worker, and come from the gateway through client_port. One thread, but for the
// wake-up. Invariants: 1. a client's number stays its own from accept until close() or closed(); 2. a connection
// without anything unfinished holds no buffer; 3. an event is a hint only: a number may have a new owner since; 4.
// while a client is stopped its socket is not read, and while kept bytes of it are due neither, so that their order
// stays and what is kept never grows.
class client_sockets final : public worker::rim, public gateway::client_port {
 public:
  // Clients for whom there is no place are closed at accept.
  client_sockets(client_places& places, net::wake_event& wake, base::log_sink& log);
  ~client_sockets() override;

  // Takes clients from this listener, too; at most 256 of them. Throws std::system_error.
  void listen(net::descriptor socket, listening how = {});
  // For who comes from now on through the listener of that name; the others keep what they have. A listener has TLS or
  // has not, for good.
  void set_listening(const listening& how);

  void poll(int timeout_ms) override;
  bool read_clients(worker::client_events& events) override;
  void close_listeners() override;

  std::uint32_t send(std::uint32_t client, std::span<const base::bytes> parts) override;
  void finish(std::uint32_t client) override;
  void close(std::uint32_t client) override;
  void set_reading(std::uint32_t client, bool reading) override;
  std::string peer_of(std::uint32_t client) const override;
  gateway::entrance entrance_of(std::uint32_t client) const override;

  listener_view view() const;

 private:
  struct open_listener : listening {
    net::descriptor socket{};
  };

  void accept_clients(std::size_t listener, worker::client_events& events);
  void pause_accepts();
  void poll_listeners(bool accepting);
  void resume_accepts();
  // These return what counts towards the turn's bound.
  std::size_t hand_over_resumed(worker::client_events& events);
  std::size_t read(std::uint32_t client, worker::client_events& events);
  std::size_t read_through_scratch(std::uint32_t client, worker::client_events& events);
  std::size_t read_into_partial(std::uint32_t client, worker::client_events& events);
  std::size_t hand_over_partial(std::uint32_t client, worker::client_events& events);
  void keep_rest(std::uint32_t client, base::bytes rest, std::size_t packet_size);
  void peer_closed(std::uint32_t client, worker::client_events& events);
  net::io_outcome receive(std::uint32_t client, std::span<std::uint8_t> into);
  net::io_outcome transmit(std::uint32_t client, std::span<const base::bytes> parts);
  void end_sending(std::uint32_t client);
  void expect_more(std::uint32_t client);
  bool is_due_from_tls(std::uint32_t client) const;
  bool is_shaking_hands(std::uint32_t client) const;
  void shake_hands(std::uint32_t client, worker::client_events& events);
  void handshake_done(std::uint32_t client, worker::client_events& events);
  void nameless_certificate(std::uint32_t client, worker::client_events& events);
  void handshake_failed(std::uint32_t client, worker::client_events& events);
  void make_room_for_handshake(worker::client_events& events);
  void closed_in_handshake(std::uint32_t client);
  void end_handshake(std::uint32_t client);
  void tell_tls(std::uint32_t client, const std::string& what);
  std::size_t on_event(const net::poller::event& event, worker::client_events& events);
  void write_those_due(worker::client_events& events);
  bool go_on_writing(std::uint32_t client, worker::client_events& events);
  void write_pending(std::uint32_t client, worker::client_events& events);
  void update_interest(std::uint32_t client);

  client_places& places_;
  net::wake_event& wake_;
  base::log_sink& log_;
  net::poller poller_;
  std::vector<open_listener> listeners_;  // kept without their sockets when they are closed: clients stay
  bool is_listening_ = true;
  bool accepts_paused_ = false;
  std::chrono::steady_clock::time_point accepts_resume_;  // while paused: at the latest
  base::slab<connection> connections_;
  net::buffer_pool buffers_;
  std::unique_ptr<std::uint8_t[]> scratch_;
  std::vector<std::uint32_t> resumed_;    // clients of whom something is here that is due; a hint, as events are
  std::vector<std::uint32_t> write_due_;  // clients whose sockets take more, for whom a turn had no room; a hint, too
  tls_clients tls_;
  tls_lines tls_lines_;
  std::uint32_t handshake_steps_left_ = 0;  // in this turn
  std::size_t pending_bytes_left_ = 0;      // that may be written in this turn to sockets that take them again
  std::size_t tls_cost_ = 0;                // of what was read of a client and was no data
  listener_view counters_;
};

}  // namespace headgate::proxy::listener
