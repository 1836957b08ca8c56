#include "net/connect_tcp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>

#include "net/poller.hpp"
#include "net/tcp.hpp"

namespace headgate::net {
namespace {

constexpr std::uint64_t long_ns = 10'000'000'000;

// Waits until the connection stands or has failed.
int settled(const descriptor& socket) {
  poller poller;
  poller.add(socket.get(), 1);
  poller.set_interest(socket.get(), 1, true, true);
  poller.wait_ns(long_ns);
  EXPECT_TRUE(poller.has_event());
  return connect_error(socket.get());
}

TEST(connect_tcp, reaches_a_listener_from_the_address_that_was_asked_for) {
  const descriptor listener = listen_tcp("127.0.0.1", 0);
  const auto made = connect_tcp({"127.0.0.1", local_port(listener.get()), "127.9.8.7", true});
  ASSERT_EQ(made.error, 0);
  EXPECT_EQ(settled(made.socket), 0);
  poller poller;
  poller.add(listener.get(), 1);
  poller.wait_ns(long_ns);
  bool out_of_descriptors = false;
  const descriptor accepted = accept(listener.get(), &out_of_descriptors);
  ASSERT_TRUE(accepted);
  EXPECT_THAT(peer_address(accepted.get()), testing::StartsWith("127.9.8.7:"));
}

TEST(connect_tcp, tells_why_it_failed) {
  std::uint16_t port = 0;
  {
    const descriptor listener = listen_tcp("127.0.0.1", 0);
    port = local_port(listener.get());
  }
  const auto made = connect_tcp({"127.0.0.1", port, {}, true});
  ASSERT_EQ(made.error, 0);
  EXPECT_EQ(settled(made.socket), ECONNREFUSED);
  EXPECT_EQ(connect_tcp({"localhost", port, {}, true}).error, EINVAL);
  EXPECT_EQ(connect_tcp({"127.0.0.1", port, "192.0.2.1", true}).error, EADDRNOTAVAIL);
}

TEST(connect_tcp, a_reset_is_seen_as_one) {
  const descriptor listener = listen_tcp("127.0.0.1", 0);
  auto made = connect_tcp({"127.0.0.1", local_port(listener.get()), {}, true});
  ASSERT_EQ(settled(made.socket), 0);
  bool out_of_descriptors = false;
  const descriptor accepted = accept(listener.get(), &out_of_descriptors);
  reset_on_close(made.socket.get());
  made.socket.reset();
  poller poller;
  poller.add(accepted.get(), 1);
  poller.wait_ns(long_ns);
  std::array<std::uint8_t, 16> into{};
  const io_outcome outcome = receive(accepted.get(), into);
  EXPECT_EQ(outcome.what, io_outcome::kind::closed);
  EXPECT_EQ(outcome.error, ECONNRESET);
}

TEST(poller, waits_no_longer_than_it_is_told_to_the_nanosecond) {
  poller poller;
  poller.wait_ns(0);
  EXPECT_FALSE(poller.has_event());
  poller.wait_ns(1'000);
  EXPECT_FALSE(poller.has_event());
}

}  // namespace
}  // namespace headgate::net
