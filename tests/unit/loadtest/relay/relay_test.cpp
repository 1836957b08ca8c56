#include "loadtest/relay/relay.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "loadtest/relay/relay_thread.hpp"
#include "net/connect_tcp.hpp"
#include "net/tcp.hpp"
#include "tests/unit/loadtest/relay/packets.hpp"

namespace headgate::loadtest::relay {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t deadline_ms = 20'000;

// A socket of the test: what came so far, and whether it has ended.
struct peer {
  net::descriptor socket;
  octets received;
  bool has_ended = false;
  bool was_reset = false;

  void read() {
    std::array<std::uint8_t, 16'384> piece;
    while (!has_ended) {
      const auto size = ::recv(socket.get(), piece.data(), piece.size(), 0);
      if (size < 0 && errno == EAGAIN) return;
      was_reset = size < 0;
      has_ended = size <= 0;
      if (size > 0) received.insert(received.end(), piece.begin(), piece.begin() + size);
    }
  }
  void send(const octets& data) const {
    const std::array<base::bytes, 1> parts{data};
    ASSERT_EQ(net::send(socket.get(), parts).size, data.size());
  }
};

// A server that does what the test says, a relay, and its clients: all in one thread.
class relaying : public ::testing::Test {
 protected:
  relaying() : server_(net::listen_tcp("127.0.0.1", 0)), relay_(options()) {}

  relay_options options() {
    relay_options made;
    made.target_address = "127.0.0.1";
    made.target_port = net::local_port(server_.get());
    made.on_fault = [this](const fault& each) { faults_.push_back(each); };
    return made;
  }

  void tell(const std::string& line) { ASSERT_THAT(relay_.apply(line), HasSubstr("ok ")) << line; }

  template <class Condition>
  void wait_for(Condition condition, const char* what) {
    ASSERT_TRUE(relay_.run_until(condition, deadline_ms)) << what;
  }

  peer client() {
    net::connecting how;
    how.address = "127.0.0.1";
    how.port = relay_.port();
    peer made;
    made.socket = net::connect_tcp(how).socket;
    return made;
  }
  peer accepted() {
    peer made;
    bool is_short = false;
    wait_for(
        [&] {
          made.socket = net::accept(server_.get(), &is_short);
          return static_cast<bool>(made.socket);
        },
        "the server was not connected to");
    return made;
  }
  void expect(peer& at, const octets& wanted) {
    wait_for(
        [&] {
          at.read();
          return at.received.size() >= wanted.size() || at.has_ended;
        },
        "bytes did not come");
    ASSERT_EQ(at.received, wanted);
    at.received.clear();
  }
  void expect_end(peer& at, bool with_reset) {
    wait_for(
        [&] {
          at.read();
          return at.has_ended;
        },
        "the end did not come");
    EXPECT_EQ(at.was_reset, with_reset);
    EXPECT_EQ(at.received, octets());
  }
  void expect_all_closed() {
    wait_for([&] { return relay_.done().open == 0; }, "the relay kept a connection");
  }

  net::descriptor server_;
  std::vector<fault> faults_;
  relay relay_;
};

TEST_F(relaying, both_ways_and_to_the_end) {
  auto one = client();
  auto other = accepted();
  one.send(connect_packet("a"));
  expect(other, connect_packet("a"));
  other.send(connack_packet());
  expect(one, connack_packet());
  one.send(publish_packet("x"));
  net::shut_down_writes(one.socket.get());
  expect(other, publish_packet("x"));
  other.send(publish_packet("last words"));
  expect(one, publish_packet("last words"));
  other = {};
  expect_end(one, false);
  expect_all_closed();
  EXPECT_EQ(relay_.done().connections, 1U);
  EXPECT_TRUE(faults_.empty());
}

TEST_F(relaying, a_reset_is_passed_on_behind_what_was_sent_before) {
  for (const bool by_client : {true, false}) {
    auto one = client();
    auto other = accepted();
    one.send(connect_packet("a"));
    expect(other, connect_packet("a"));
    auto& breaking = by_client ? one : other;
    auto& left = by_client ? other : one;
    breaking.send(publish_packet("last words"));
    net::reset_on_close(breaking.socket.get());
    breaking.socket.reset();
    expect(left, publish_packet("last words"));
    expect_end(left, true);
    expect_all_closed();
  }
}

TEST_F(relaying, a_server_that_is_not_there) {
  server_.reset();
  auto one = client();
  wait_for([&] { return relay_.done().failed_connects == 1; }, "the failure was not counted");
  expect_end(one, true);
}

TEST_F(relaying, a_side_that_does_not_take_stops_the_other_one) {
  auto one = client();
  auto other = accepted();
  const octets data(256 * 1024, 'x');
  const std::array<base::bytes, 1> parts{data};
  std::size_t sent = 0;
  // Until nothing moves although the relay has had every chance.
  for (int idle_turns = 0; idle_turns < 50;) {
    const auto step = net::send(one.socket.get(), parts);
    sent += step.size;
    const auto before = relay_.done().of(direction::up).bytes;
    relay_.step(1);
    idle_turns = step.size == 0 && relay_.done().of(direction::up).bytes == before ? idle_turns + 1 : 0;
    ASSERT_LT(sent, std::size_t{512} * 1024 * 1024) << "nothing stops it";
  }
  net::shut_down_writes(one.socket.get());
  wait_for(
      [&] {
        other.read();
        return other.has_ended;
      },
      "what was held did not come");
  EXPECT_EQ(other.received.size(), sent);
}

TEST_F(relaying, a_message_is_dropped) {
  auto one = client();
  auto other = accepted();
  tell("drop publish down nth 2 client a");
  one.send(connect_packet("a"));
  expect(other, connect_packet("a"));
  other.send(publish_packet("1") + publish_packet("2") + publish_packet("3"));
  expect(one, publish_packet("1") + publish_packet("3"));
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].client_id, "a");
  EXPECT_EQ(relay_.done().of(fault_kind::drop), 1U);
}

TEST_F(relaying, cuts_one_client) {
  auto one = client();
  auto server_of_one = accepted();
  auto two = client();
  auto server_of_two = accepted();
  one.send(connect_packet("one"));
  two.send(connect_packet("two"));
  expect(server_of_one, connect_packet("one"));
  expect(server_of_two, connect_packet("two"));
  EXPECT_EQ(relay_.apply("cut client two"), "ok 1 connection cut");
  expect_end(two, true);
  expect_end(server_of_two, true);
  one.send(ping_packet());
  expect(server_of_one, ping_packet());
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].connection, 2U);
}

TEST_F(relaying, who_is_not_there_is_an_error) {
  EXPECT_EQ(relay_.apply("cut connection 1"), "error there is no connection 1 yet: 0 connections came");
  EXPECT_EQ(relay_.apply("cut client a"), "error there is no client 'a' now");
  EXPECT_EQ(relay_.apply("half-close up client a"), "error there is no client 'a' now");
  EXPECT_EQ(relay_.apply("cut client a*"), "ok 0 connections cut");
  EXPECT_EQ(relay_.apply("cut"), "ok 0 connections cut");
  tell("delay 1ms connection 1");  // may come
  tell("drop puback client a");
  auto one = client();
  auto other = accepted();
  EXPECT_THAT(relay_.apply("refuse connection 1"), HasSubstr("error connection 1 has come already"));
  EXPECT_EQ(relay_.apply("cut connection 1"), "ok 1 connection cut");
  expect_end(one, true);
  EXPECT_EQ(relay_.apply("cut connection 1"), "error connection 1 has ended: numbers are not used again");
  EXPECT_EQ(relay_.apply("drop publish connection 1"), "error connection 1 has ended: numbers are not used again");
}

TEST_F(relaying, cuts_at_a_packet) {
  auto one = client();
  auto other = accepted();
  tell("cut publish down nth 2");
  one.send(connect_packet("a"));
  expect(other, connect_packet("a"));
  other.send(publish_packet("1") + publish_packet("2"));
  expect(one, publish_packet("1"));
  expect_end(one, true);
  expect_end(other, true);
}

TEST_F(relaying, half_closes) {
  auto one = client();
  auto other = accepted();
  one.send(connect_packet("a"));
  expect(other, connect_packet("a"));
  EXPECT_EQ(relay_.apply("half-close down"), "ok 1 connection half closed down");
  expect_end(one, false);
  other.send(publish_packet("nobody hears it"));
  one.send(ping_packet());
  expect(other, ping_packet());
  EXPECT_EQ(relay_.apply("half-close down"), "ok 0 connections half closed down");
  one = {};
  expect_end(other, false);
  other = {};
  expect_all_closed();
  EXPECT_EQ(relay_.done().of(fault_kind::half_close), 1U);
}

TEST_F(relaying, refuses) {
  tell("refuse times 1");
  auto one = client();
  expect_end(one, false);
  auto two = client();
  auto other = accepted();
  two.send(connect_packet("a"));
  expect(other, connect_packet("a"));
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].kind, fault_kind::refuse);
}

TEST_F(relaying, a_black_hole_takes_everything_and_asks_no_server) {
  tell("black-hole");
  auto one = client();
  one.send(connect_packet("a"));
  wait_for([&] { return relay_.done().of(direction::up).bytes > 0; }, "nothing was taken");
  tell("clear");
  one.send(ping_packet());
  wait_for([&] { return relay_.done().of(direction::up).packets == 2; }, "nothing was taken");
  one.read();
  EXPECT_EQ(one.received, octets());
  EXPECT_FALSE(one.has_ended);
  auto two = client();
  auto other = accepted();
  two.send(connect_packet("b"));
  expect(other, connect_packet("b"));
  one = {};
  wait_for([&] { return relay_.done().open == 1; }, "the connection was kept");
  EXPECT_EQ(faults_.size(), 2U);  // one for each direction
}

TEST_F(relaying, a_black_hole_in_one_direction_for_one_client) {
  tell("black-hole up client a");
  auto one = client();
  auto other = accepted();
  one.send(connect_packet("a") + ping_packet());
  wait_for([&] { return relay_.done().of(direction::up).packets == 2; }, "nothing was taken");
  other.send(connack_packet());
  expect(one, connack_packet());
  other.read();
  EXPECT_EQ(other.received, octets());
}

TEST_F(relaying, a_delay_takes_its_time) {
  auto one = client();
  auto other = accepted();
  tell("delay 30ms jitter 5ms up");
  net::system_clock clock;
  const auto begin = clock.monotonic_ns();
  one.send(connect_packet("a"));
  expect(other, connect_packet("a"));
  EXPECT_GE(clock.monotonic_ns() - begin, 30'000'000U);
  EXPECT_EQ(relay_.done().of(fault_kind::delay), 1U);
}

TEST_F(relaying, a_stall_holds_what_comes_until_it_is_cleared) {
  auto one = client();
  auto other = accepted();
  tell("stall");
  one.send(connect_packet("a"));
  wait_for([&] { return relay_.done().of(direction::up).bytes > 0; }, "nothing was taken");
  other.read();
  EXPECT_EQ(other.received, octets());
  tell("clear stall");
  expect(other, connect_packet("a"));
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].kind, fault_kind::stall);
}

TEST_F(relaying, a_throttle_lets_everything_through_in_time) {
  auto one = client();
  auto other = accepted();
  tell("throttle 100KiB");
  net::system_clock clock;
  const auto begin = clock.monotonic_ns();
  const octets data(20 * 1024, 'x');
  one.send(data);
  net::shut_down_writes(one.socket.get());
  expect(other, data);
  EXPECT_GE(clock.monotonic_ns() - begin, 149'000'000U);  // 20 KiB less the first 50 ms' worth
  expect_end(other, false);
}

TEST_F(relaying, an_end_waits_for_what_is_delayed) {
  auto one = client();
  auto other = accepted();
  tell("delay 20ms");
  one.send(publish_packet("x"));
  one = {};
  expect(other, publish_packet("x"));
  expect_end(other, false);
}

TEST_F(relaying, many_connections_come_and_go) {
  constexpr std::uint64_t count = 200;
  std::vector<peer> clients;
  std::vector<peer> servers;
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t n = 0; n < count; ++n) {
      clients.push_back(client());
      servers.push_back(accepted());
      clients.back().send(connect_packet("c" + std::to_string(n)));
    }
    for (std::uint64_t n = 0; n < count; ++n) expect(servers[n], connect_packet("c" + std::to_string(n)));
    EXPECT_EQ(relay_.done().open, count);
    clients.clear();
    servers.clear();
    expect_all_closed();
  }
  EXPECT_EQ(relay_.done().connections, 3 * count);
}

TEST_F(relaying, errors_and_the_end) {
  EXPECT_THAT(relay_.apply("dorp"), HasSubstr("error 'dorp' is no command"));
  EXPECT_THAT(relay_.apply("stats"), HasSubstr("ok {\"connections\":0"));
  EXPECT_FALSE(relay_.is_over());
  EXPECT_EQ(relay_.apply("quit"), "ok ending");
  EXPECT_TRUE(relay_.is_over());
}

TEST(relay_thread, is_asked_from_outside) {
  const auto server = net::listen_tcp("127.0.0.1", 0);
  relay_options options;
  options.target_address = "127.0.0.1";
  options.target_port = net::local_port(server.get());
  relay_thread relay(options);
  EXPECT_THAT(relay.apply("refuse connection 1"), HasSubstr("ok rule 1"));
  net::connecting how;
  how.address = "127.0.0.1";
  how.port = relay.port();
  net::poller poller;
  const auto client = net::connect_tcp(how);
  poller.add(client.socket.get(), 1);
  poller.wait(static_cast<int>(deadline_ms));
  EXPECT_TRUE(poller.has_event());
  const auto faults = relay.faults();
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].kind, fault_kind::refuse);
  EXPECT_EQ(relay.done().connections, 1U);
}

}  // namespace
}  // namespace headgate::loadtest::relay
