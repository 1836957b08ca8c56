#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/net/tls_pair.hpp"
#include "tests/unit/proxy/listener/tls_sockets.hpp"

namespace headgate::proxy::listener::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string large(char letter, std::size_t size) {
  return std::string(size, letter);
}

TEST(tls, clients_are_heard_and_told_through_it) {
  tls_server server;
  server.open();
  auto [client, number] = server.connect_tls();
  const auto entrance = server.sockets.entrance_of(number);
  EXPECT_EQ(entrance.listener, "tls");
  EXPECT_EQ(entrance.tls, "TLSv1.3");
  EXPECT_TRUE(entrance.anonymous_allowed);
  EXPECT_THAT(entrance.user_name, IsEmpty());
  const auto view = server.sockets.view();
  EXPECT_EQ(view.handshakes_full, 1U);
  EXPECT_EQ(view.handshakes_now, 0U);
  EXPECT_EQ(view.tls_clients_now, 1U);

  client->send(packet("one") + packet("two"));
  auto& state = server.taker.clients[number];
  server.until([&] { return state.packets.size() == 2; });
  EXPECT_THAT(state.packets, ElementsAre("one", "two"));
  const std::vector<base::bytes> parts{base::as_bytes("three"), base::as_bytes("four")};
  EXPECT_EQ(server.sockets.send(number, parts), 0U);
  EXPECT_EQ(client->take(), "threefour");
  server.sockets.close(number);
  client->take();
  EXPECT_TRUE(client->ended);
  EXPECT_THAT(client->stream().failure(), IsEmpty()) << "in good order";
  EXPECT_EQ(server.sockets.view().tls_clients_now, 0U);
  EXPECT_THAT(server.log.lines, IsEmpty());
}

TEST(tls, stands_beside_listeners_without) {
  tls_server server;
  server.open();
  auto [plain, plain_number] = server.connect();
  auto [client, number] = server.connect_tls();
  plain.send(packet("plain"));
  client->send(packet("secret"));
  server.until([&, plain_number = plain_number, number = number] {
    return server.taker.clients[plain_number].packets.size() + server.taker.clients[number].packets.size() == 2;
  });
  EXPECT_THAT(server.sockets.entrance_of(plain_number).tls, IsEmpty());
  EXPECT_FALSE(server.sockets.entrance_of(plain_number).handshaking);
}

// What TLS has decrypted is not in the socket any more, so the poller knows nothing of it.
TEST(tls, what_came_with_the_handshake_is_heard_without_a_poll) {
  tls_server server;
  server.open();
  auto client = server.connect_tcp();
  const auto number = server.taker.accepts.back();
  server.until_quick([&] {
    const bool done = client->shake_hands() == net::tls_stream::step::done;
    if (!done) server.turn(0);
    return done;
  });
  client->send(packet("connect"));
  server.until([&] { return server.taker.clients[number].packets.size() == 1; });
}

TEST(tls, small_and_large_packets_come_in_order_also_when_the_client_is_stopped) {
  tls_server server;
  server.open();
  auto [client, number] = server.connect_tls();
  auto& state = server.taker.clients[number];
  std::vector<std::string> sent;
  state.allowed = 0;
  for (int n = 0; n < 60; ++n) {
    sent.push_back(std::to_string(n) + large('x', static_cast<std::size_t>(n % 7) * 6'000));
    client->send(packet(sent.back()));
    if (state.stopped && n % 3 == 0) server.taker.go_on(number, 2);
    server.turn(0);
    server.turn(0);
  }
  server.until([&, number = number] {
    if (state.stopped) server.taker.go_on(number, 5);
    return state.packets.size() == sent.size();
  });
  EXPECT_EQ(state.packets, sent);
}

TEST(tls, who_is_stopped_with_more_decrypted_than_he_was_given_goes_on) {
  tls_server server;
  server.open();
  auto [client, number] = server.connect_tls();
  auto& state = server.taker.clients[number];
  client->send(packet("one"));
  server.until([&] { return state.packets.size() == 1; });
  server.taker.stop(number);
  client->send(packet("two") + packet("three"));
  server.settle();
  EXPECT_THAT(state.packets, SizeIs(1));
  server.taker.go_on(number, 1);
  server.until([&] { return state.stopped; });
  server.taker.go_on(number);
  server.until([&] { return state.packets.size() == 3; });
}

TEST(tls, much_is_sent_as_the_socket_takes_it) {
  tls_server server;
  server.open();
  auto [client, number] = server.connect_tls();
  std::string text(8'000'000, '\0');
  for (std::size_t n = 0; n < text.size(); ++n) text[n] = static_cast<char>(n * 7 + n / 251);
  const auto bytes = base::as_bytes(text);
  const std::vector<base::bytes> parts{bytes.first(10), bytes.subspan(10, 100'000), bytes.subspan(100'010)};
  EXPECT_GT(server.sockets.send(number, parts), 0U);
  server.sockets.finish(number);
  std::string heard;
  server.until_quick([&, &client = client] {
    heard += client->take();
    return client->ended;
  });
  EXPECT_TRUE(heard == text);
  EXPECT_THAT(client->stream().failure(), IsEmpty());
  // The other direction stays.
  client->send(packet("last"));
  server.until([&, number = number] { return server.taker.clients[number].packets.size() == 1; });
}

// A record that was begun is given again whole, whatever others have left of a turn's bound: OpenSSL insists.
TEST(tls, much_is_sent_beside_others_who_share_the_bound_of_a_turn) {
  tls_server server;
  server.open(/*send_buffer_bytes=*/20'000);  // a record is begun each time
  std::string text(8'000'000, '\0');
  for (std::size_t n = 0; n < text.size(); ++n) text[n] = static_cast<char>(n * 7 + n / 251);
  const std::vector<base::bytes> parts{base::as_bytes(text)};
  std::vector<std::unique_ptr<tls_peer>> clients;
  std::vector<peer> plain;
  std::size_t of_plain = 0;
  for (std::size_t n = 0; n < 12; ++n) {
    // So that the last of what waits for one of them leaves more of the bound, or less.
    const std::vector<base::bytes> most{base::as_bytes(text).first(text.size() - n * 5001)};
    auto [other, other_number] = server.connect();
    EXPECT_GT(server.sockets.send(other_number, most), 0U);
    plain.push_back(std::move(other));
    of_plain += most.front().size();
    if (n % 2 != 0) continue;
    auto [client, number] = server.connect_tls();
    EXPECT_GT(server.sockets.send(number, parts), 0U);
    server.sockets.finish(number);
    clients.push_back(std::move(client));
  }
  std::vector<std::string> heard(clients.size());
  std::size_t taken = 0;
  server.until_quick([&] {
    for (auto& other : plain) taken += other.take_what_is_there();
    bool all_ended = taken == of_plain;
    for (std::size_t n = 0; n < clients.size(); ++n) {
      heard[n] += clients[n]->take();
      all_ended &= clients[n]->ended;
    }
    return all_ended;
  });
  for (std::size_t n = 0; n < clients.size(); ++n) {
    EXPECT_TRUE(heard[n] == text);
    EXPECT_THAT(clients[n]->stream().failure(), IsEmpty());
  }
}

TEST(tls, what_is_sent_before_the_handshake_is_done_comes_after_it) {
  tls_server server;
  server.open();
  auto client = server.connect_tcp();
  const auto number = server.taker.accepts.back();
  const std::vector<base::bytes> parts{base::as_bytes("early")};
  EXPECT_EQ(server.sockets.send(number, parts), 5U);
  server.shake_hands(*client);
  std::string heard;
  server.until_quick([&] {
    heard += client->take();
    return !heard.empty();
  });
  EXPECT_EQ(heard, "early");
}

TEST(tls, much_that_is_sent_before_the_handshake_is_done_comes_as_the_socket_takes_it) {
  tls_server server;
  server.open();
  auto client = server.connect_tcp();
  const auto number = server.taker.accepts.back();
  std::string text(8'000'000, '\0');
  for (std::size_t n = 0; n < text.size(); ++n) text[n] = static_cast<char>(n * 7 + n / 251);
  const std::vector<base::bytes> parts{base::as_bytes(text)};
  server.sockets.send(number, parts);
  server.shake_hands(*client);
  std::string heard;
  server.until_quick([&] {
    heard += client->take();
    return heard.size() == text.size();
  });
  EXPECT_TRUE(heard == text);
}

// TLS has something to send that the socket did not take, and the client is stopped: when the socket takes it again the
// poller says so once at most.
TEST(tls, who_is_stopped_in_the_handshake_is_waited_for_in_peace) {
  tls_server server;
  std::string names = "DNS:a.test";
  for (int n = 0; n < 1500; ++n) names += ",URI:urn:" + large('x', 200);
  server.server_settings.certificates = {server.ca.make("large", {.common_name = "large", .alternative_names = names})};
  server.open(/*send_buffer_bytes=*/4096);
  auto client = server.connect_tcp();
  const auto number = server.taker.accepts.back();
  client->shake_hands();
  server.until([&] { return server.sockets.view().handshakes_now == 1; });
  server.taker.stop(number);
  EXPECT_GT(net::testing::take_raw(client->fd(), 1'000'000).size(), 0U);  // makes room
  for (int n = 0; n < 3; ++n) server.turn(100);
  const auto began = std::chrono::steady_clock::now();
  server.sockets.poll(100);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(99));
  net::testing::take_raw(client->fd(), 1'000'000);
  server.taker.go_on(number);
  std::string rest;
  server.until([&] {
    rest += net::testing::take_raw(client->fd(), 1'000'000);
    return rest.size() > 1000;
  });
}

TEST(tls, who_ends_it_is_closed) {
  tls_server server;
  server.open();
  auto [client, number] = server.connect_tls();
  client->send(packet("last"));
  client->stream().shut_down();  // without the end of the TCP connection
  server.until([&, number = number] { return server.taker.clients[number].closed; });
  EXPECT_THAT(server.taker.clients[number].packets, ElementsAre("last"));
  auto [other, other_number] = server.connect_tls();
  other->take();
  other->close();
  server.until([&, number = other_number] { return server.taker.clients[number].closed; });
  EXPECT_EQ(server.sockets.view().tls_clients_now, 0U);
  EXPECT_THAT(server.log.lines, IsEmpty());
}

TEST(tls, one_line_tells_of_a_client_without_it) {
  tls_server server;
  server.open();
  peer client(server.tls_port);
  client.send(std::string("\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test", 18));
  server.until([&] { return server.sockets.view().handshakes_failed == 1; });
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(server.taker.clients[server.taker.accepts.back()].closed);
  EXPECT_THAT(server.log.lines,
              ElementsAre(AllOf(HasSubstr("a client at 127.0.0.1:"), HasSubstr("it speaks MQTT without TLS"))));
}

TEST(tls, who_only_looks_whether_we_are_there_is_no_failure) {
  tls_server server;
  server.open();
  auto client = server.connect_tcp();
  client->close();
  server.until([&] { return server.taker.clients[server.taker.accepts.back()].closed; });
  EXPECT_EQ(server.sockets.view().handshakes_failed, 0U);
  EXPECT_THAT(server.log.lines, IsEmpty());
}

TEST(tls, lines_about_failures_are_limited) {
  tls_server server;
  server.open();
  for (std::size_t n = 1; n <= 3 * base::tls_lines_per_second; ++n) {
    peer client(server.tls_port);
    client.send("nonsense of any kind");
    server.until([&] { return server.sockets.view().handshakes_failed == n; });
  }
  EXPECT_LT(server.log.lines.size(), 2 * base::tls_lines_per_second);
}

TEST(tls, a_client_closed_in_its_handshake_is_counted_and_told) {
  tls_server server;
  server.open();
  auto client = server.connect_tcp();
  const auto number = server.taker.accepts.back();
  client->shake_hands();
  server.until([&] { return server.sockets.view().handshakes_now == 1; });
  EXPECT_TRUE(server.sockets.entrance_of(number).handshaking);
  server.sockets.close(number);
  EXPECT_EQ(server.sockets.view().handshakes_timed_out, 1U);
  EXPECT_EQ(server.sockets.view().handshakes_now, 0U);
  EXPECT_THAT(server.log.lines, ElementsAre(HasSubstr("did not finish its TLS handshake in time")));
  // The next one of this number has nothing of it.
  auto [other, same] = server.connect_tls();
  EXPECT_EQ(same, number);
  server.sockets.close_listeners();
  EXPECT_EQ(server.sockets.entrance_of(same).listener, "tls");
}

TEST(tls, a_turn_takes_few_steps_of_handshakes_and_all_have_their_turn) {
  tls_server server;
  server.open();
  std::vector<std::unique_ptr<tls_peer>> clients;
  for (std::uint32_t n = 0; n < 3 * base::handshake_steps_per_turn; ++n) {
    clients.push_back(server.connect_tcp());
  }
  for (const auto& client : clients) client->shake_hands();
  server.turn(1000);
  EXPECT_EQ(server.sockets.view().handshakes_now, base::handshake_steps_per_turn);
  server.turn(1000);
  EXPECT_EQ(server.sockets.view().handshakes_now, 2 * base::handshake_steps_per_turn);
  for (const auto& client : clients) server.shake_hands(*client);
  server.until_quick([&] { return server.sockets.view().tls_clients_now == clients.size(); });
}

TEST(tls, the_oldest_handshake_gives_way_when_too_many_are_in_progress) {
  tls_server server(3 * base::handshakes_in_progress);
  server.open();
  std::vector<peer> half;
  half.emplace_back(server.tls_port);
  half.back().send("\x16");
  server.until([&] { return server.sockets.view().handshakes_now == 1; });
  const auto oldest = server.taker.accepts.back();
  while (half.size() < base::handshakes_in_progress) {
    half.emplace_back(server.tls_port);
    half.back().send("\x16");
    server.turn(0);
  }
  server.until([&] { return server.sockets.view().handshakes_now == base::handshakes_in_progress; });
  EXPECT_EQ(server.sockets.view().handshakes_gave_way, 0U);
  auto [client, number] = server.connect_tls();
  EXPECT_EQ(server.sockets.view().handshakes_gave_way, 1U);
  EXPECT_TRUE(server.taker.clients[oldest].closed || oldest == number);
  EXPECT_TRUE(half.front().is_closed());
  EXPECT_THAT(server.log.lines, ElementsAre(HasSubstr("gave way")));
}

TEST(tls, a_certificate_gives_the_user_name) {
  tls_server server;
  server.server_settings.ask = net::client_certificates::required;
  server.server_settings.client_ca = server.ca.file();
  server.client_settings.certificate = server.ca.make("client", {.common_name = "thermometer"});
  server.open();
  auto [client, number] = server.connect_tls();
  EXPECT_EQ(server.sockets.entrance_of(number).user_name, "thermometer");
}

TEST(tls, a_new_context_is_for_new_clients) {
  tls_server server;
  server.open();
  auto [before, before_number] = server.connect_tls();
  server.server_settings.certificates = {
      server.ca.make("new", {.common_name = "new", .alternative_names = "DNS:a.test"})};
  server.sockets.set_listening({.name = "tls", .tls = net::tls_context::of_server(server.server_settings)});
  auto [after, after_number] = server.connect_tls();
  EXPECT_EQ(before->stream().peer_common_name(), "server");
  EXPECT_EQ(after->stream().peer_common_name(), "new");
  before->send(packet("still here"));
  server.until([&, number = before_number] { return server.taker.clients[number].packets.size() == 1; });
}

TEST(tls, a_certificate_that_is_missed_is_told_to_both) {
  tls_server server;
  server.server_settings.ask = net::client_certificates::required;
  server.server_settings.client_ca = server.ca.file();
  server.open();
  auto client = server.connect_tcp();
  server.shake_hands(*client);  // in TLS 1.3 the client is done before it is refused
  server.until([&] { return server.sockets.view().handshakes_failed == 1; });
  client->take();
  EXPECT_TRUE(client->ended);
  EXPECT_THAT(client->stream().failure(), HasSubstr("the server asks for a certificate"));
  EXPECT_THAT(server.log.lines, ElementsAre(HasSubstr("the client has shown no certificate")));
}

}  // namespace
}  // namespace headgate::proxy::listener::testing
