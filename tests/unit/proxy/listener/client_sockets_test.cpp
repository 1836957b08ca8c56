#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "tests/unit/proxy/listener/sockets.hpp"

namespace headgate::proxy::listener::testing {
namespace {

using ::testing::ElementsAre;

TEST(client_sockets, packets_are_put_together_from_pieces) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  const auto bytes = packet("one") + packet("two");
  for (const auto byte : bytes) {
    const auto before = server.sockets.view().bytes_in;
    client.send({byte});
    server.until([&] { return server.sockets.view().bytes_in == before + 1; });
  }
  EXPECT_THAT(state.packets, ElementsAre("one", "two"));
}

TEST(client_sockets, a_client_without_a_place_is_closed_and_one_line_says_so) {
  server server(1);
  auto [client, number] = server.connect();
  for (int n = 0; n < 3; ++n) {
    peer refused(server.port);
    server.until([&] { return server.sockets.view().refused_too_many_clients == n + 1U; });
    EXPECT_TRUE(refused.is_closed());
  }
  EXPECT_EQ(server.log.lines.size(), 1U);
  server.sockets.close(number);
  (void)server.connect();
}

TEST(client_sockets, workers_share_the_places) {
  server first(2);
  net::wake_event wake;
  client_sockets second(first.places, wake, first.log);
  packet_taker taker(second);
  auto listener = net::listen_tcp("127.0.0.1", 0);
  const auto port = net::local_port(listener.get());
  second.listen(std::move(listener));
  const auto turn = [&] {
    second.poll(1000);
    second.read_clients(taker);
  };

  auto [here, number] = first.connect();
  peer there(port);
  while (taker.accepts.empty()) turn();
  peer refused(port);
  while (second.view().refused_too_many_clients == 0) turn();
  first.sockets.close(number);
  peer another(port);
  while (taker.accepts.size() < 2) turn();
}

TEST(client_sockets, a_turn_writes_so_much_and_no_more_to_those_who_take_it_again) {
  server server;
  const std::string large(8 * 1024 * 1024, 'x');  // more than a socket takes
  std::vector<peer> peers;
  std::size_t taken = 0;
  for (int n = 0; n < 3; ++n) {
    auto [client, number] = server.connect();
    const std::array<base::bytes, 1> parts{base::as_bytes(large)};
    ASSERT_GT(server.sockets.send(number, parts), base::pending_bytes_per_turn);
    peers.push_back(std::move(client));
  }
  const auto written = [&] { return server.sockets.view().bytes_out; };
  while (taken < peers.size() * large.size()) {
    for (auto& client : peers) taken += client.take_what_is_there();
    const auto before = written();
    server.turn(taken < written() ? 0 : 10);
    ASSERT_LE(written() - before, base::pending_bytes_per_turn);
  }
  EXPECT_EQ(written(), peers.size() * large.size());
}

TEST(client_sockets, several_workers_on_one_port) {
  auto listeners = net::listen_tcp("127.0.0.1", 0, 2);
  const auto port = net::local_port(listeners[0].get());
  client_places places(1000);
  recording_log log;
  std::array<net::wake_event, 2> wakes;
  client_sockets first(places, wakes[0], log);
  client_sockets second(places, wakes[1], log);
  packet_taker first_taker(first);
  packet_taker second_taker(second);
  first.listen(std::move(listeners[0]));
  second.listen(std::move(listeners[1]));
  std::vector<peer> peers;
  // The kernel spreads by a hash of the addresses: that 200 all go to one side has odds of 2 to the 199th.
  for (int n = 0; n < 200; ++n) peers.emplace_back(port);
  while (first_taker.accepts.size() + second_taker.accepts.size() < peers.size()) {
    first.poll(1);
    first.read_clients(first_taker);
    second.poll(1);
    second.read_clients(second_taker);
  }
  EXPECT_GT(first_taker.accepts.size(), 0U);
  EXPECT_GT(second_taker.accepts.size(), 0U);
}

}  // namespace
}  // namespace headgate::proxy::listener::testing
