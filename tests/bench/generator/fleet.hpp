#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <span>
#include <string>
#include <vector>

#include "message.hpp"
#include "options.hpp"

namespace headgate::bench {

// All connections of a run and their epoll. Clients are numbers, in the order in which they were opened.
//
// 1. One thread. Nothing here blocks but await() and wait(), and those have limits.
// 2. A packet that came in part is kept by its client; everything else is parsed in the one buffer that all reads
// share.
// 3. What a socket does not take at once is kept by its client and sent when epoll says so: order is kept.
// 4. A server that closes a connection ends the run with an exception that names the client.
class fleet {
 public:
  // How sockets are made. For connections that are not kept every system call counts, and one source address is enough.
  enum class sockets : std::uint8_t { kept, passing };
  explicit fleet(const options& chosen, sockets kind = sockets::kept);
  ~fleet();
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;

  // Opens a TCP connection and sends CONNECT; its CONNACK is the first packet to await.
  std::uint32_t open(std::string_view client_id);
  // Blocks until `client` received one whole packet and returns it; for setting up, when one packet at a time is
  // expected.
  std::span<const std::uint8_t> await(std::uint32_t client, double seconds = 20);
  // Blocks until `client` can be read; false after `seconds` without.
  bool await_readable(std::uint32_t client, double seconds) const;
  // Makes wait() report `client`.
  void watch(std::uint32_t client);
  void close(std::uint32_t client);
  std::size_t size() const { return clients_.size(); }

  // Blocks until a watched client can be read or written, for at most `timeout_ns`.
  std::span<const epoll_event> wait(std::uint64_t timeout_ns);

  void send(std::uint32_t client, std::span<const std::uint8_t> data);
  // Sends what is left from before.
  void resume(std::uint32_t client);

  // Reads once and gives every whole packet to `on_packet(const packet&)`. False when the server has closed the
  // connection and `may_close` allowed it.
  template <class OnPacket>
  bool receive(std::uint32_t client, OnPacket&& on_packet, bool may_close = false) {
    connection& from = clients_[client];
    const std::size_t kept = from.partial.size();
    if (kept != 0) std::memcpy(buffer_.data(), from.partial.data(), kept);
    const auto got = ::recv(from.descriptor, buffer_.data() + kept, buffer_.size() - kept, MSG_DONTWAIT);
    if (got <= 0) return closed_unless_again(client, got == 0 ? 0 : errno, may_close);
    const std::uint8_t* at = buffer_.data();
    const std::uint8_t* const end = at + kept + static_cast<std::size_t>(got);
    packet found;
    while (const std::uint8_t* next = split_packet(at, end, found)) {
      on_packet(static_cast<const packet&>(found));
      at = next;
    }
    if (at != end || kept != 0) from.partial.assign(at, end);
    return true;
  }

 private:
  struct connection {
    int descriptor = -1;
    bool watched = false;
    std::vector<std::uint8_t> partial;
    std::vector<std::uint8_t> unsent;
  };

  int open_socket();
  bool closed_unless_again(std::uint32_t client, int error, bool may_close) const;
  void set_interest(std::uint32_t client, int operation);

  const options& chosen_;
  sockets kind_;
  int epoll_ = -1;
  std::uint32_t opened_ = 0;
  std::vector<connection> clients_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint8_t> buffer_;
  std::vector<epoll_event> events_;
};

}  // namespace headgate::bench
