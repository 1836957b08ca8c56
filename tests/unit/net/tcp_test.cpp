#include "net/tcp.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <optional>
#include <system_error>
#include <vector>

#include "net/poller.hpp"

namespace headgate::net {
namespace {

using kind = io_outcome::kind;

// Waits until a descriptor can be read, or written.
void wait_for(int fd, bool write = false) {
  poller poller;
  poller.add(fd, 0);
  poller.set_interest(fd, 0, !write, write);
  poller.wait(-1);
}

descriptor accept_one(int listener) {
  wait_for(listener);
  bool out_of_descriptors = true;
  auto accepted = accept(listener, &out_of_descriptors);
  EXPECT_TRUE(accepted);
  EXPECT_FALSE(out_of_descriptors);
  return accepted;
}

// A client of a listener at its own address, blocking.
descriptor connect_to(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  descriptor client(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  return client;
}

// A connection over loopback: the accepted end is ours.
struct connection {
  descriptor listener = listen_tcp("127.0.0.1", 0);
  descriptor theirs = connect_to(listener.get());
  descriptor ours = accept_one(listener.get());
};

std::string text_of(std::span<const std::uint8_t> data) {
  return std::string(base::as_text(data));
}

TEST(listen_tcp, picks_a_port_and_says_which) {
  const auto listener = listen_tcp("127.0.0.1", 0);
  const auto other = listen_tcp("127.0.0.1", 0);
  EXPECT_NE(local_port(listener.get()), 0);
  EXPECT_NE(local_port(listener.get()), local_port(other.get()));
}

TEST(listen_tcp, a_port_in_use_is_refused_with_a_sentence) {
  const auto listener = listen_tcp("127.0.0.1", 0);
  const auto port = local_port(listener.get());
  try {
    const auto second = listen_tcp("127.0.0.1", port);
    FAIL() << "two servers on one port";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_NE(std::string(error.what()).find("cannot listen on 127.0.0.1 port " + std::to_string(port)),
              std::string::npos)
        << error.what();
  }
}

TEST(listen_tcp, a_port_is_free_again_when_its_listener_is_gone) {
  // An address that nobody else is likely to use, so that the port stays free in between.
  const std::string address = "127.53.17.201";
  auto listener = listen_tcp(address, 0);
  const auto port = local_port(listener.get());
  // A connection that the listener's side closed first leaves the port in TIME_WAIT.
  auto client = connect_to(listener.get());
  accept_one(listener.get()).reset();
  listener.reset();
  client.reset();
  EXPECT_EQ(local_port(listen_tcp(address, port).get()), port);
}

TEST(listen_tcp, several_listeners_share_a_port_and_nobody_joins_them) {
  const auto listeners = listen_tcp("127.0.0.1", 0, 3);
  ASSERT_EQ(listeners.size(), 3U);
  const auto port = local_port(listeners.front().get());
  for (const auto& listener : listeners) EXPECT_EQ(local_port(listener.get()), port);
  for (const std::size_t count : {1, 2}) {
    for (const auto* address : {"127.0.0.1", "0.0.0.0"}) {
      try {
        const auto second = listen_tcp(address, port, count);
        FAIL() << "two servers on one port";
      } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::address_in_use);
      }
    }
  }
}

TEST(listen_tcp, several_listeners_do_not_join_one_that_would_let_them) {
  const auto listener = listen_tcp("127.0.0.1", 0);
  const int on = 1;
  ASSERT_EQ(::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
  EXPECT_THROW((void)listen_tcp("127.0.0.1", local_port(listener.get()), 2), std::system_error);
}

TEST(listen_tcp, several_listeners_each_get_clients) {
  const auto listeners = listen_tcp("127.0.0.1", 0, 2);
  // The kernel spreads by a hash of the addresses: that 200 all go to one side has odds of 2 to the 199th.
  std::vector<descriptor> clients;
  for (int n = 0; n < 200; ++n) clients.push_back(connect_to(listeners.front().get()));
  std::size_t all = 0;
  for (const auto& listener : listeners) {
    std::size_t accepted = 0;
    bool out_of_descriptors = false;
    while (accept(listener.get(), &out_of_descriptors)) ++accepted;
    EXPECT_GT(accepted, 0U);
    all += accepted;
  }
  EXPECT_EQ(all, clients.size());
}

TEST(listen_tcp, only_numbers_are_addresses) {
  for (const auto* address : {"localhost", "", "127.0.0", "256.0.0.1", "::1::", "127.0.0.1:1883"}) {
    EXPECT_THROW((void)listen_tcp(address, 0), std::system_error) << address;
    EXPECT_THROW((void)is_loopback(address), std::system_error) << address;
  }
}

TEST(is_loopback, of_both_families) {
  for (const auto* address : {"127.0.0.1", "127.255.255.254", "::1"}) EXPECT_TRUE(is_loopback(address)) << address;
  for (const auto* address : {"0.0.0.0", "128.0.0.1", "192.0.2.7", "::", "2001:db8::7"}) {
    EXPECT_FALSE(is_loopback(address)) << address;
  }
}

TEST(accept, nobody_waits) {
  const auto listener = listen_tcp("127.0.0.1", 0);
  bool out_of_descriptors = true;
  EXPECT_FALSE(accept(listener.get(), &out_of_descriptors));
  EXPECT_FALSE(out_of_descriptors);
}

TEST(peer_address, of_ipv4_and_of_nobody) {
  const connection connection;
  EXPECT_EQ(peer_address(connection.ours.get()), "127.0.0.1:" + std::to_string(local_port(connection.theirs.get())));
  EXPECT_EQ(peer_address(connection.listener.get()), "?");
}

TEST(peer_address, of_ipv6) {
  descriptor listener;
  try {
    listener = listen_tcp("::1", 0);
  } catch (const std::system_error& error) {
    GTEST_SKIP() << "no IPv6 here: " << error.what();
  }
  const auto client = connect_to(listener.get());
  const auto accepted = accept_one(listener.get());
  EXPECT_EQ(peer_address(accepted.get()), "[::1]:" + std::to_string(local_port(client.get())));
}

// As config check has it: whatever net.ipv6.bindv6only says.
TEST(listen_tcp, all_of_ipv6_leaves_room_for_all_of_ipv4) {
  descriptor of_ipv6;
  try {
    of_ipv6 = listen_tcp("::", 0);
  } catch (const std::system_error& error) {
    GTEST_SKIP() << "no IPv6 here: " << error.what();
  }
  const auto port = local_port(of_ipv6.get());
  EXPECT_NO_THROW(listen_tcp("0.0.0.0", port));
  EXPECT_THROW(listen_tcp("::", port), std::system_error);
  EXPECT_THROW(listen_tcp("::1", port), std::system_error);
}

TEST(receive, outcomes) {
  connection connection;
  std::vector<std::uint8_t> buffer(100);
  EXPECT_EQ(receive(connection.ours.get(), buffer).what, kind::would_block);
  ASSERT_EQ(::send(connection.theirs.get(), "hello", 5, MSG_NOSIGNAL), 5);
  wait_for(connection.ours.get());
  const auto outcome = receive(connection.ours.get(), buffer);
  ASSERT_EQ(outcome.what, kind::done);
  EXPECT_EQ(text_of(std::span(buffer).first(outcome.size)), "hello");
  EXPECT_EQ(receive(connection.ours.get(), buffer).what, kind::would_block);
  connection.theirs.reset();
  wait_for(connection.ours.get());
  EXPECT_EQ(receive(connection.ours.get(), buffer).what, kind::closed);
}

TEST(send, gathers_parts_until_the_peer_takes_no_more) {
  connection connection;
  const std::vector<base::bytes> parts = {base::as_bytes("one "), {}, base::as_bytes("two "), base::as_bytes("three")};
  const auto outcome = send(connection.ours.get(), parts);
  ASSERT_EQ(outcome.what, kind::done);
  ASSERT_EQ(outcome.size, 13U);
  std::vector<std::uint8_t> buffer(13);
  ASSERT_EQ(::recv(connection.theirs.get(), buffer.data(), buffer.size(), MSG_WAITALL), 13);
  EXPECT_EQ(text_of(buffer), "one two three");

  const std::vector<std::uint8_t> much(1U << 20, 'x');
  const std::vector<base::bytes> large = {much, much};
  io_outcome last;
  std::size_t sent = 0;
  do {
    last = send(connection.ours.get(), large);
    sent += last.size;
    ASSERT_LT(sent, 1ULL << 30) << "a socket that takes everything";
  } while (last.what == kind::done);
  EXPECT_EQ(last.what, kind::would_block);
  EXPECT_EQ(last.size, 0U);
  EXPECT_EQ(send(connection.ours.get(), {large.data(), 1}).what, kind::would_block);
}

TEST(send, to_a_peer_that_is_gone_is_closed_and_raises_no_signal) {
  connection connection;
  // Closing with something unread resets the connection.
  ASSERT_EQ(send(connection.ours.get(), std::vector{base::as_bytes("unread")}).what, kind::done);
  wait_for(connection.theirs.get());
  connection.theirs.reset();
  wait_for(connection.ours.get());
  std::vector<std::uint8_t> buffer(10);
  EXPECT_EQ(receive(connection.ours.get(), buffer).what, kind::closed);
  EXPECT_EQ(send(connection.ours.get(), std::vector{base::as_bytes("x")}).what, kind::closed);
  EXPECT_EQ(send(connection.ours.get(), std::vector{base::as_bytes("x"), base::as_bytes("y")}).what, kind::closed);
}

TEST(shut_down_writes, ends_one_direction_only) {
  connection connection;
  shut_down_writes(connection.ours.get());
  std::uint8_t byte = 0;
  EXPECT_EQ(::recv(connection.theirs.get(), &byte, 1, 0), 0);
  ASSERT_EQ(::send(connection.theirs.get(), "y", 1, MSG_NOSIGNAL), 1);
  wait_for(connection.ours.get());
  EXPECT_EQ(receive(connection.ours.get(), {&byte, 1}).what, kind::done);
  EXPECT_EQ(byte, 'y');
}

TEST(descriptor, closes_once_and_gives_away) {
  descriptor first(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int fd = first.get();
  ASSERT_TRUE(first);
  descriptor second(std::move(first));
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): moved from, it owns nothing
  EXPECT_EQ(second.get(), fd);
  EXPECT_EQ(second.release(), fd);
  EXPECT_FALSE(second);
  descriptor third(fd);
  third.reset();
  EXPECT_FALSE(third);
  third.reset();
}

}  // namespace
}  // namespace headgate::net
