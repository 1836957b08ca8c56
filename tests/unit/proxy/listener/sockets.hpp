#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/tcp.hpp"
#include "proxy/listener/client_sockets.hpp"

namespace headgate::proxy::listener::testing {

// Any thread writes; lines are read when no other thread does.
class recording_log final : public base::log_sink {
 public:
  void write(const base::log_line& line) override {
    const std::lock_guard lock(writing_);
    lines.emplace_back(line.text);
  }
  std::vector<std::string> lines;

 private:
  std::mutex writing_;
};

// A packet of these tests: its size in four digits of base 256, then its text.
inline std::string packet(const std::string& text) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((text.size() + 4) >> shift & 0xff);
  return bytes + text;
}

// A client's end of a connection over loopback, blocking.
class peer {
 public:
  explicit peer(std::uint16_t port) {
    const net::descriptor any = net::listen_tcp("127.0.0.1", 0);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(any.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    // The port stands in the same place of every address of this family, in network order.
    auto* at = reinterpret_cast<std::uint8_t*>(&address) + 2;
    at[0] = static_cast<std::uint8_t>(port >> 8);
    at[1] = static_cast<std::uint8_t>(port & 0xff);
    socket_ = net::descriptor(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  }
  void send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const auto got = ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      ASSERT_GT(got, 0);
      sent += static_cast<std::size_t>(got);
    }
  }
  // So many bytes, or fewer at the end.
  std::string take(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t taken = 0;
    while (taken < size) {
      const auto got = ::recv(socket_.get(), bytes.data() + taken, size - taken, 0);
      if (got <= 0) break;
      taken += static_cast<std::size_t>(got);
    }
    bytes.resize(taken);
    return bytes;
  }
  // All that has come, without waiting; how much that was.
  std::size_t take_what_is_there() {
    std::array<char, 64 * 1024> piece;
    std::size_t taken = 0;
    for (;;) {
      const auto got = ::recv(socket_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
      if (got <= 0) return taken;
      taken += static_cast<std::size_t>(got);
    }
  }
  void send_no_more() { ::shutdown(socket_.get(), SHUT_WR); }
  // With a reset instead of an end.
  void break_off() {
    const linger at_once{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_.reset();
  }
  bool is_closed() {
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, 0) <= 0;
  }

 private:
  net::descriptor socket_;
};

// The worker's part: takes packets as long as it is allowed to, and stops the client before the next one.
class packet_taker final : public worker::client_events {
 public:
  explicit packet_taker(client_sockets& sockets) : sockets_(sockets) {}

  void accepted(std::uint32_t client) override {
    accepts.push_back(client);
    clients[client] = {};
  }
  std::size_t received(std::uint32_t client, base::bytes data, std::size_t* packet_size) override {
    auto& state = clients[client];
    ++calls;
    EXPECT_FALSE(state.stopped) << "a stopped client was heard";
    std::size_t done = 0;
    *packet_size = 0;
    while (data.size() - done >= 4) {
      std::size_t size = 0;
      for (int n = 0; n < 4; ++n) size = size << 8 | data[done + n];
      if (data.size() - done < size) {
        *packet_size = size;
        return done;
      }
      if (state.allowed == 0) {
        stop(client);
        if (goes_on_at_once) go_on(client, 1);
        return done;
      }
      --state.allowed;
      state.packets.emplace_back(base::as_text(data.subspan(done + 4, size - 4)));
      done += size;
      if (after_packet) after_packet(client);
    }
    return done;
  }
  void closed(std::uint32_t client) override {
    clients[client].closed = true;
    if (when_closed) when_closed(client);
  }
  void sent(std::uint32_t, std::uint32_t) override {}

  void stop(std::uint32_t client) {
    clients[client].stopped = true;
    sockets_.set_reading(client, false);
  }
  void go_on(std::uint32_t client, std::size_t packets = ~std::size_t{0}) {
    clients[client].allowed = packets;
    clients[client].stopped = false;
    sockets_.set_reading(client, true);
  }

  struct state {
    std::size_t allowed = ~std::size_t{0};
    bool stopped = false;
    bool closed = false;
    std::vector<std::string> packets;
  };
  std::map<std::uint32_t, state> clients;
  std::vector<std::uint32_t> accepts;
  std::uint64_t calls = 0;
  bool goes_on_at_once = false;
  std::function<void(std::uint32_t client)> after_packet;
  std::function<void(std::uint32_t client)> when_closed;

 private:
  client_sockets& sockets_;
};

// The sockets of one worker with a listener, and turns played by hand.
struct server {
  explicit server(std::uint32_t places_count = 1000) : places(places_count) {
    auto listener = net::listen_tcp("127.0.0.1", 0);
    port = net::local_port(listener.get());
    sockets.listen(std::move(listener));
  }
  // A client that has connected, and its number.
  std::pair<peer, std::uint32_t> connect() {
    const auto before = taker.accepts.size();
    peer client(port);
    until([&] { return taker.accepts.size() > before; });
    return {std::move(client), taker.accepts.back()};
  }
  bool turn(int timeout_ms) {
    sockets.poll(timeout_ms);
    return sockets.read_clients(taker);
  }
  void until(const std::function<bool()>& condition) {
    for (int turns = 0; !condition(); ++turns) {
      ASSERT_LT(turns, 10'000) << "it does not happen";
      turn(1000);
    }
  }
  // Everything that has arrived is looked at, and nothing is left to be said.
  void settle() {
    for (int quiet = 0; quiet < 3;) {
      const auto calls = taker.calls;
      const bool left = turn(10);
      quiet = left || taker.calls != calls ? 0 : quiet + 1;
    }
  }

  client_places places;
  net::wake_event wake;
  recording_log log;
  client_sockets sockets{places, wake, log};
  packet_taker taker{sockets};
  std::uint16_t port = 0;
};

}  // namespace headgate::proxy::listener::testing
