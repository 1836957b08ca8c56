// What the log says about clients that come and go.

#include <gmock/gmock.h>

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using entry = recording_log::entry;

// The one line of an event, taken away with all others.
entry only(conversation& talk, std::string_view event) {
  const auto found = talk.log.of(event);
  EXPECT_EQ(found.size(), 1U) << event;
  talk.log.lines.clear();
  return found.empty() ? entry{} : found.front();
}

// Everybody's end was counted, once.
void expect_ends_add_up(const conversation& talk) {
  const auto view = talk.view().gateway;
  EXPECT_EQ(view.ended_by_client + view.ended_by_network + view.ended_by_keep_alive + view.ended_by_takeover +
                view.ended_by_operator + view.ended_by_error + view.ended_by_shutdown + view.clients,
            view.connects);
}

const mqtt::connect keeping{.clean_start = false, .keep_alive_s = 60, .session_expiry_interval_s = 3600};

}  // namespace

TEST(client_lines, say_how_a_client_connected) {
  conversation talk;
  talk.join("pump-7", mqtt::version::v5, {.keep_alive_s = 60});
  auto line = only(talk, "client_connected");
  EXPECT_EQ(line.severity, base::severity::info);
  EXPECT_EQ(line.text,
            "client 'pump-7' at 192.0.2.1:0 connected: MQTT 5, keep alive 60 s, clean start, session ends with the "
            "connection");
  EXPECT_EQ(line.fields, (std::map<std::string, std::string>{{"client", "pump-7"},
                                                             {"address", "192.0.2.1:0"},
                                                             {"listener", "tcp"},
                                                             {"protocol", "5"},
                                                             {"keep_alive_s", "60"},
                                                             {"session", "new"},
                                                             {"expiry_s", "0"}}));
  const auto client = talk.come("s", keeping);
  EXPECT_THAT(only(talk, "client_connected").text,
              HasSubstr("keep alive 60 s, new session, session is kept for 3600 s after the connection"));
  talk.lose(client);
  auto again = keeping;
  again.user_name = "anna\n";
  again.keep_alive_s = 0;
  again.will = mqtt::will_view{.topic = "w"};
  talk.come("s", again);
  line = only(talk, "client_connected");
  EXPECT_THAT(line.text, HasSubstr("no keep alive, goes on with its session"));
  EXPECT_THAT(line.text, HasSubstr("with a will, user 'anna?'"));
  EXPECT_EQ(line.fields["user"], "anna?");
  EXPECT_EQ(line.fields["session"], "resumed");
}

TEST(client_lines, say_that_a_client_disconnected) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5);
  talk.advance_s(5);
  talk.say(client, hex({0xe0, 0}));
  talk.turn();
  auto line = only(talk, "client_disconnected");
  EXPECT_EQ(line.text, "client 'a' at 192.0.2.1:0 has disconnected after 5 s");
  EXPECT_EQ(line.severity, base::severity::info);
  EXPECT_EQ(line.fields["cause"], "client");
  EXPECT_EQ(line.fields["reason_code"], "0x00");
  EXPECT_EQ(line.fields["connected_s"], "5");
  const auto failing = talk.join("b", mqtt::version::v5);
  talk.say(failing, hex({0xe0, 1, 0x80}));
  talk.turn();
  line = only(talk, "client_disconnected");
  EXPECT_EQ(line.severity, base::severity::warning);
  EXPECT_THAT(line.text, HasSubstr("it says 'Unspecified error'"));
  EXPECT_EQ(talk.view().gateway.ended_by_client, 2U);
  expect_ends_add_up(talk);
}

TEST(client_lines, say_that_a_connection_broke) {
  conversation talk;
  talk.lose(talk.join("a"));
  auto line = only(talk, "client_disconnected");
  EXPECT_EQ(line.severity, base::severity::info);
  EXPECT_THAT(line.text, HasSubstr("'a' at 192.0.2.1:0 has gone after 0 s without DISCONNECT; if that happens often"));
  EXPECT_EQ(line.fields["cause"], "network");
  EXPECT_EQ(talk.view().gateway.ended_by_network, 1U);
  expect_ends_add_up(talk);
}

TEST(client_lines, say_that_nothing_was_heard) {
  conversation talk;
  talk.join("pump-7", mqtt::version::v5, {.keep_alive_s = 60});
  talk.advance_s(92);
  auto line = only(talk, "client_disconnected");
  EXPECT_EQ(line.severity, base::severity::warning);
  EXPECT_THAT(line.text, HasSubstr("nothing heard for 1.5 times its keep alive of 60 s; look at its network, or let"));
  EXPECT_EQ(line.fields["cause"], "keep_alive");
  EXPECT_EQ(line.fields["reason_code"], "0x8d");
  EXPECT_EQ(talk.view().gateway.ended_by_keep_alive, 1U);
  expect_ends_add_up(talk);
}

TEST(client_lines, name_the_other_connection_of_a_takeover) {
  conversation talk({}, three_workers());
  talk.come("s", keeping);
  talk.come("s", keeping, mqtt::version::v5, 1);
  auto line = only(talk, "client_disconnected");
  EXPECT_THAT(line.text, HasSubstr("another connection came with the same client id, from 192.0.2.1:0; if these are"));
  EXPECT_EQ(line.severity, base::severity::info) << "from the same host: the device itself came back";
  EXPECT_EQ(line.fields["cause"], "takeover");
  EXPECT_EQ(line.fields["other"], "192.0.2.1:0");
  EXPECT_EQ(talk.view().gateway.ended_by_takeover, 1U);
  expect_ends_add_up(talk);
}

TEST(client_lines, say_what_was_wrong_and_what_to_do) {
  conversation talk;
  const auto client = talk.join("ba\x01 d", mqtt::version::v5);
  talk.say(client, hex({0x36, 3, 0, 1, 't'}));
  talk.turn();
  auto line = only(talk, "client_disconnected");
  EXPECT_EQ(line.severity, base::severity::warning);
  EXPECT_THAT(line.text, HasSubstr("client 'ba? d' at 192.0.2.1:0 was closed after 0 s: PUBLISH with QoS 3"));
  EXPECT_THAT(line.text, HasSubstr("(Malformed Packet); what it sends is not MQTT"));
  EXPECT_EQ(line.fields["cause"], "error:malformed_packet");
  EXPECT_EQ(line.fields["reason_code"], "0x81");
  EXPECT_EQ(talk.view().gateway.ended_by_error, 1U);
  expect_ends_add_up(talk);
}

TEST(client_lines, tell_the_limit_that_a_packet_exceeds) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5);
  talk.say(client, hex({0x30, 0xff, 0xff, 0xff, 0x7f}));
  talk.turn();
  EXPECT_THAT(only(talk, "client_disconnected").text, HasSubstr("limits.max_packet_bytes, which is 1048576"));
}

TEST(client_lines, say_who_was_refused) {
  conversation talk;
  const auto silent = talk.open();
  talk.turn();
  talk.advance_s(12);
  EXPECT_FALSE(talk.is_open(silent));
  auto line = only(talk, "client_refused");
  EXPECT_THAT(line.text, HasSubstr("a client at 192.0.2.1:0 was refused: no whole CONNECT came within 10 s"));
  talk.say(talk.open(), hex({0xc0, 0}));
  talk.turn();
  EXPECT_THAT(only(talk, "client_refused").text,
              HasSubstr("a client at 192.0.2.1:1 was refused: packet of a type not"));
  const auto with_tls = talk.open();
  talk.say(with_tls, hex({0x16, 0x03, 0x01, 0x02, 0x00, 0x01}));
  talk.turn();
  EXPECT_FALSE(talk.is_open(with_tls));
  EXPECT_THAT(only(talk, "client_refused").text,
              HasSubstr("a client at 192.0.2.1:2 was refused: it speaks TLS on a listener without"));
  mqtt::connect unclean{.clean_start = false};
  talk.come("", unclean, mqtt::version::v3_1_1);
  line = only(talk, "client_refused");
  EXPECT_THAT(line.text, HasSubstr("give it a client id, or let it ask for a clean session"));
  EXPECT_EQ(line.fields["cause"], "error:client_identifier_not_valid");
  EXPECT_EQ(talk.view().gateway.ended_by_error, 0U) << "they had no session";
  expect_ends_add_up(talk);
}

TEST(client_lines, say_that_the_server_ends_and_are_limited_in_that) {
  conversation talk({.client_lines_per_second = 8});
  for (int n = 0; n < 20; ++n) talk.join("c" + std::to_string(n));
  EXPECT_EQ(talk.log.of("client_connected").size(), 6U);
  talk.clock.advance_ms(1000);
  talk.turn();
  talk.log.lines.clear();
  talk.worker.stop();
  EXPECT_EQ(talk.log.of("client_disconnected").size(), 6U);
  EXPECT_THAT(talk.log.of("client_disconnected").front().text, HasSubstr("this server is shutting down"));
  auto line = only(talk, "client_lines_left_out");
  EXPECT_EQ(line.fields["lines"], "28");
  EXPECT_EQ(line.severity, base::severity::info);
  const auto view = talk.view().gateway;
  EXPECT_EQ(view.log_lines_left_out, 28U);
  EXPECT_EQ(view.ended_by_shutdown, 20U);
  expect_ends_add_up(talk);
}

TEST(client_lines, that_were_left_out_are_told_when_nothing_follows) {
  conversation talk({.client_lines_per_second = 4});
  for (int n = 0; n < 10; ++n) talk.lose(talk.join("c" + std::to_string(n)));
  EXPECT_EQ(talk.log.lines.size(), 3U);
  talk.log.lines.clear();
  for (int n = 0; n < 9; ++n) talk.advance_s(1);
  EXPECT_TRUE(talk.log.lines.empty());
  talk.advance_s(1);
  EXPECT_THAT(
      only(talk, "client_lines_left_out").text,
      MatchesRegex("17 lines about clients were left out in the last 10 s, of these 0 warnings: .* 4 a second.*"));
  for (int n = 0; n < 20; ++n) talk.advance_s(1);
  EXPECT_TRUE(talk.log.lines.empty());
}

}  // namespace headgate::worker::testing
