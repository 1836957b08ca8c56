#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/descriptor.hpp"
#include "net/tls_stream.hpp"

namespace headgate::net::testing {

using step = tls_stream::step;
using kind = io_outcome::kind;

// Two ends of a connection within the process, non-blocking.
struct socket_pair {
  socket_pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours = descriptor(ends[0]);
    theirs = descriptor(ends[1]);
  }
  // What a send takes is about this; the kernel has its own least.
  void shrink() const {
    const int size = 1;
    for (const auto* end : {&ours, &theirs}) {
      ::setsockopt(end->get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
      ::setsockopt(end->get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
  }
  descriptor ours;
  descriptor theirs;
};

// Bytes that wait at an end, at most so many.
inline std::string take_raw(int fd, std::size_t size = 100'000) {
  std::string bytes(size, '\0');
  const auto got = ::recv(fd, bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

inline void put_raw(int fd, std::string_view bytes) {
  ASSERT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

// A server's and a client's stream on one pair of sockets.
struct tls_pair {
  tls_pair(const std::shared_ptr<const tls_context>& of_server, const std::shared_ptr<const tls_context>& of_client)
      : server(of_server, sockets.ours.get()), client(of_client, sockets.theirs.get()) {}

  // Until both are done, or one has failed and the other has heard of it.
  void shake_hands() {
    auto ours = step::wants_read;
    auto theirs = step::wants_read;
    for (int rounds = 0; rounds < 20 && !(is_over(ours) && is_over(theirs)); ++rounds) {
      if (!is_over(theirs)) theirs = client.shake_hands();
      if (theirs == step::failed) ::shutdown(sockets.theirs.get(), SHUT_WR);
      if (!is_over(ours)) ours = server.shake_hands();
      if (ours == step::failed) ::shutdown(sockets.ours.get(), SHUT_WR);
    }
  }
  bool both_established() const { return server.is_established() && client.is_established(); }
  static bool is_over(step step) { return step == step::done || step == step::failed; }

  socket_pair sockets;
  tls_stream server;
  tls_stream client;
};

inline io_outcome send_text(tls_stream& stream, std::string_view text) {
  const std::vector<base::bytes> parts{base::as_bytes(text)};
  return stream.send(parts);
}

// All that is there now, at most so much.
inline std::string receive_text(tls_stream& stream, std::size_t size = 100'000) {
  std::vector<std::uint8_t> into(size);
  const auto got = stream.receive(into);
  return std::string(base::as_text({into.data(), got.size}));
}

}  // namespace headgate::net::testing
