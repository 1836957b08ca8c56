#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/unit/proxy/listener/sockets.hpp"

namespace headgate::proxy::listener::testing {
namespace {

using ::testing::ElementsAre;
using texts = std::vector<std::string>;

std::string large(char letter, std::size_t size) {
  return std::string(size, letter);
}

TEST(stopped_client, what_was_received_is_kept_and_comes_without_new_bytes) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  state.allowed = 1;
  client.send(packet("one") + packet("two") + packet("three") + "\0\0");
  server.until([&] { return state.stopped; });
  EXPECT_THAT(state.packets, ElementsAre("one"));
  server.settle();
  EXPECT_THAT(state.packets, ElementsAre("one"));

  server.taker.go_on(number, 1);
  server.turn(-1);  // does not sleep, although nothing comes
  EXPECT_THAT(state.packets, ElementsAre("one", "two"));
  EXPECT_TRUE(state.stopped);

  server.taker.go_on(number);
  server.turn(-1);
  EXPECT_THAT(state.packets, ElementsAre("one", "two", "three"));
  EXPECT_FALSE(state.stopped);
}

TEST(stopped_client, new_bytes_come_behind_those_kept) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  state.allowed = 1;
  const auto split = packet("three");
  client.send(packet("one") + packet("two") + split.substr(0, 5));
  server.until([&] { return state.stopped; });
  client.send(split.substr(5) + packet("four"));
  server.settle();
  server.taker.go_on(number);
  server.until([&] { return state.packets.size() == 4; });
  EXPECT_EQ(state.packets, (texts{"one", "two", "three", "four"}));
}

TEST(stopped_client, its_socket_is_not_read) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  client.send(packet("one"));
  server.until([&] { return state.packets.size() == 1; });
  server.taker.stop(number);
  const auto before = server.sockets.view().receives;
  client.send(packet("two"));
  server.settle();
  EXPECT_EQ(server.sockets.view().receives, before);
  EXPECT_THAT(state.packets, ElementsAre("one"));
  server.taker.go_on(number);
  server.until([&] { return state.packets.size() == 2; });
}

TEST(stopped_client, one_that_stops_and_goes_on_within_a_call_is_served_in_the_next_turn) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  state.allowed = 1;
  server.taker.goes_on_at_once = true;
  client.send(packet("one") + packet("two") + packet("three"));
  server.until([&] { return state.packets.size() == 1; });
  server.turn(-1);
  EXPECT_THAT(state.packets, ElementsAre("one", "two"));
  server.turn(-1);
  EXPECT_THAT(state.packets, ElementsAre("one", "two", "three"));
}

// As when a session that one client waited for is given up by another: what was kept comes before the socket is read.
TEST(stopped_client, one_that_goes_on_while_others_are_read_with_bytes_in_its_socket) {
  server server;
  auto [client, number] = server.connect();
  auto [other, other_number] = server.connect();
  auto& state = server.taker.clients[number];
  state.allowed = 0;
  const texts sent = {large('a', 20'000), large('b', 20'000), large('c', 20'000)};
  client.send(packet(sent[0]) + packet(sent[1]));
  server.until([&] { return state.stopped && server.sockets.view().bytes_in == 2 * packet(sent[0]).size(); });
  server.taker.after_packet = [&, waiting = number, waker = other_number](std::uint32_t from) {
    if (from == waker) server.taker.go_on(waiting);
  };
  server.turn(0);  // finds nothing, so that what comes now is reported in its order
  other.send(packet("go"));
  client.send(packet(sent[2]));
  server.until([&] { return state.packets.size() == 3; });
  EXPECT_EQ(state.packets, sent);
}

// What is kept and what one read adds are more than the scratch that reads go through would hold after a few rounds.
TEST(stopped_client, much_kept_and_much_new_in_order) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  texts sent;
  state.allowed = 0;
  for (int n = 0; n < 100; ++n) {
    sent.push_back(std::to_string(n) + large('x', 9'000));
    client.send(packet(sent.back()));
    if (state.stopped && n % 3 == 0) server.taker.go_on(number, 2);
    server.turn(0);
  }
  server.until([&, number = number] {
    if (state.stopped) server.taker.go_on(number, 5);
    return state.packets.size() == sent.size();
  });
  EXPECT_EQ(state.packets, sent);
}

TEST(stopped_client, a_packet_larger_than_a_read_is_offered_again_whole) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  state.allowed = 0;
  const auto text = large('m', 1'000'000);
  std::thread sender([&client = client, &text] { client.send(packet(text) + packet("behind")); });
  server.until([&] { return state.stopped; });
  EXPECT_TRUE(state.packets.empty());
  server.taker.go_on(number);
  server.until([&] { return state.packets.size() == 2; });
  sender.join();
  EXPECT_EQ(state.packets, (texts{text, "behind"}));
}

// Stopped in the middle of a large packet: its end is read when reading goes on, and no part of it is handed over.
TEST(stopped_client, in_the_middle_of_a_large_packet) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  const auto bytes = packet(large('m', 100'000));
  client.send(bytes.substr(0, 50'000));
  server.until([&] { return server.sockets.view().bytes_in == 50'000; });
  server.taker.stop(number);
  client.send(bytes.substr(50'000));
  server.settle();
  EXPECT_EQ(server.sockets.view().bytes_in, 50'000U);
  server.taker.go_on(number);
  server.until([&] { return state.packets.size() == 1; });
  EXPECT_EQ(packet(state.packets.front()), bytes);
}

TEST(stopped_client, a_turns_bound_holds_for_what_was_kept_and_everybody_has_his_turn) {
  server server;
  constexpr std::size_t clients = 40;
  constexpr std::size_t size = 60'000;
  std::vector<peer> peers;
  std::vector<std::uint32_t> numbers;
  for (std::size_t n = 0; n < clients; ++n) {
    auto [client, number] = server.connect();
    server.taker.clients[number].allowed = 0;
    client.send(packet(large('k', size)));
    numbers.push_back(number);
    peers.push_back(std::move(client));
  }
  server.until([&] {
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](auto number) { return server.taker.clients[number].stopped; });
  });
  for (const auto number : numbers) server.taker.go_on(number);
  const auto handled = [&] {
    std::size_t count = 0;
    for (const auto number : numbers) count += server.taker.clients[number].packets.size();
    return count;
  };
  EXPECT_TRUE(server.turn(-1)) << "there is more for the next turn";
  EXPECT_EQ(handled(), base::read_bytes_per_turn / size + 1);
  EXPECT_TRUE(server.turn(-1));
  server.turn(-1);
  EXPECT_EQ(handled(), clients);
}

TEST(stopped_client, one_that_breaks_off_is_noticed) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  state.allowed = 1;
  client.send(packet("one") + packet("two"));
  server.until([&] { return state.stopped; });
  client.break_off();
  server.until([&] { return state.closed; });
  EXPECT_THAT(state.packets, ElementsAre("one"));
  server.settle();
}

TEST(stopped_client, all_that_one_sent_who_sends_no_more_comes_before_its_end) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  state.allowed = 1;
  client.send(packet("one") + packet("two"));
  server.until([&] { return state.stopped; });
  client.send(packet("three"));
  client.send_no_more();
  server.settle();
  EXPECT_FALSE(state.closed);
  server.taker.go_on(number);
  server.until([&] { return state.closed; });
  EXPECT_THAT(state.packets, ElementsAre("one", "two", "three"));
}

TEST(stopped_client, what_was_kept_of_one_that_is_closed_never_reaches_the_next) {
  server server;
  auto [client, number] = server.connect();
  auto& state = server.taker.clients[number];
  state.allowed = 1;
  client.send(packet("one") + packet("two"));
  server.until([&] { return state.stopped; });
  server.taker.go_on(number);
  server.sockets.close(number);
  EXPECT_TRUE(client.is_closed());

  auto [other, same] = server.connect();
  ASSERT_EQ(same, number);
  EXPECT_TRUE(server.taker.clients[same].packets.empty());
  other.send(packet("mine"));
  server.until([&, same = same] { return !server.taker.clients[same].packets.empty(); });
  EXPECT_THAT(server.taker.clients[same].packets, ElementsAre("mine"));
}

}  // namespace
}  // namespace headgate::proxy::listener::testing
