// Sessions that outlive their connections (MQTT 5.0, 3.1.2.11.2, 4.1, 4.4).

#include "mqtt/disconnect.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

constexpr std::uint32_t for_ever = 0xffff'ffff;

mqtt::connect keeping(std::uint32_t expiry_s) {
  return {.clean_start = false, .session_expiry_interval_s = expiry_s};
}

std::string disconnect_packet(std::uint32_t expiry_s) {
  return encoded(mqtt::disconnect{.session_expiry_interval_s = expiry_s}, mqtt::version::v5);
}

}  // namespace

TEST(session, is_present_when_its_client_comes_back) {
  conversation talk({}, three_workers());
  auto client = talk.come("a", keeping(60));
  EXPECT_EQ(talk.hear(client), lines{"connack 00"});
  talk.lose(client);
  client = talk.come("a", keeping(60), mqtt::version::v5, 1);
  EXPECT_EQ(talk.hear(client), lines{"connack present 00"});
  EXPECT_EQ(talk.view().gateway.sessions_resumed, 1U);
}

// 3.1.1 has no interval: without Clean Session it lasts.
TEST(session, of_3_1_1_without_clean_session_is_present) {
  conversation talk;
  auto client = talk.come("a", {.session_expiry_interval_s = for_ever}, mqtt::version::v3_1_1);
  EXPECT_EQ(talk.hear(client), lines{"connack 00"});
  talk.say(client, hex({0xe0, 0}));
  talk.turn();
  client = talk.come("a", {.session_expiry_interval_s = for_ever}, mqtt::version::v3_1_1);
  EXPECT_EQ(talk.hear(client), lines{"connack present 00"});
}

// [MQTT-4.4.0-1]: with the same packet ids, in order, with DUP, and before anything new.
TEST(session, sends_again_what_was_in_flight_and_then_what_came_meanwhile) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p");
  auto client = talk.come("s", keeping(60), mqtt::version::v5, 1);
  talk.hear(client);
  talk.subscribe(client, "t", 2);
  talk.publish(publisher, "t", "one", 1, 1);
  talk.publish(publisher, "t", "two", 2, 2);
  talk.publish(publisher, "t", "three", 2, 3);
  talk.turn();
  EXPECT_EQ(talk.hear(client), (lines{"publish q1 #1 t one", "publish q2 #2 t two", "publish q2 #3 t three"}));
  talk.say(client, conversation::pubrec(3));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"pubrel #3"});
  talk.lose(client);
  talk.publish(publisher, "t", "four", 1, 4);
  talk.turn();

  client = talk.come("s", keeping(60), mqtt::version::v5, 2);
  EXPECT_EQ(talk.hear(client), (lines{"connack present 00", "pubrel #3", "publish q1 #1 dup t one",
                                      "publish q2 #2 dup t two", "publish q1 #4 t four"}));
  talk.say(client, conversation::puback(1) + conversation::pubrec(2) + conversation::pubcomp(3));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"pubrel #2"});
  talk.say(client, conversation::pubcomp(2) + conversation::puback(4));
  talk.turn();
  talk.lose(client);
  client = talk.come("s", keeping(60));
  EXPECT_EQ(talk.hear(client), lines{"connack present 00"}) << "all is done";
}

TEST(session, with_a_smaller_window_is_sent_again_in_steps) {
  conversation talk;
  const auto publisher = talk.join("p");
  auto client = talk.come("s", keeping(60));
  talk.hear(client);
  talk.subscribe(client, "t", 1);
  for (int n = 1; n <= 5; ++n) talk.publish(publisher, "t", std::to_string(n), 1, static_cast<std::uint16_t>(n));
  talk.turn();
  EXPECT_EQ(talk.hear(client).size(), 5U);
  talk.lose(client);
  auto packet = keeping(60);
  packet.receive_maximum = 2;
  client = talk.come("s", packet);
  EXPECT_EQ(talk.hear(client), (lines{"connack present 00", "publish q1 #1 dup t 1", "publish q1 #2 dup t 2"}));
  talk.say(client, conversation::puback(1));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"publish q1 #3 dup t 3"});
}

// Places that were acknowledged behind an older one are nothing that the client has in hand.
TEST(session, with_a_smaller_window_and_acknowledged_places_is_not_stuck) {
  conversation talk;
  const auto publisher = talk.join("p");
  auto client = talk.come("s", keeping(60));
  talk.hear(client);
  talk.subscribe(client, "t", 1);
  for (int n = 1; n <= 5; ++n) talk.publish(publisher, "t", std::to_string(n), 1, static_cast<std::uint16_t>(n));
  talk.turn();
  talk.hear(client);
  for (int n = 2; n <= 5; ++n) talk.say(client, conversation::puback(n));
  talk.turn();
  talk.lose(client);
  auto packet = keeping(60);
  packet.receive_maximum = 2;
  client = talk.come("s", packet);
  EXPECT_EQ(talk.hear(client), (lines{"connack present 00", "publish q1 #1 dup t 1"}));
  talk.say(client, conversation::puback(1));
  talk.publish(publisher, "t", "new", 1, 9);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"publish q1 #6 t new"});
}

// [MQTT-3.1.2-24], [MQTT-3.1.2-25]
TEST(session, is_not_sent_again_what_is_larger_than_its_client_takes_now) {
  conversation talk;
  const auto publisher = talk.join("p");
  auto client = talk.come("s", keeping(60));
  talk.hear(client);
  talk.subscribe(client, "t", 1);
  talk.publish(publisher, "t", std::string(1000, 'x'), 1, 1);
  talk.publish(publisher, "t", "small", 1, 2);
  talk.turn();
  EXPECT_EQ(talk.hear(client).size(), 2U);
  talk.lose(client);
  auto packet = keeping(60);
  packet.maximum_packet_size = 200;
  client = talk.come("s", packet);
  EXPECT_EQ(talk.hear(client), (lines{"connack present 00", "publish q1 #2 dup t small"}));
  EXPECT_EQ(talk.view().gateway.dropped_too_large, 1U);
}

TEST(session, ends_with_clean_start) {
  conversation talk;
  const auto publisher = talk.join("p");
  auto client = talk.come("s", keeping(60));
  talk.hear(client);
  talk.subscribe(client, "t", 1);
  talk.lose(client);
  client = talk.come("s", {.clean_start = true, .session_expiry_interval_s = 60});
  EXPECT_EQ(talk.hear(client), lines{"connack 00"});
  talk.publish(publisher, "t", "x", 1);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{});
  talk.lose(client);
  client = talk.come("s", keeping(60));
  EXPECT_EQ(talk.hear(client), lines{"connack present 00"}) << "the new one";
  talk.publish(publisher, "t", "x", 1);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{});
}

TEST(session, lives_as_long_as_its_expiry_says) {
  conversation talk;
  const auto present_after = [&](std::uint32_t expiry_s, std::uint64_t away_s) {
    const auto id = "c" + std::to_string(expiry_s) + "-" + std::to_string(away_s);
    const auto first = talk.come(id, keeping(expiry_s));
    EXPECT_EQ(talk.hear(first), lines{"connack 00"});
    talk.lose(first);
    talk.advance_s(away_s);
    return talk.hear(talk.come(id, keeping(expiry_s))) == lines{"connack present 00"};
  };
  EXPECT_FALSE(present_after(0, 0));
  EXPECT_TRUE(present_after(10, 9));
  EXPECT_FALSE(present_after(10, 11));
  EXPECT_TRUE(present_after(for_ever, 1'000'000'000));
}

// [MQTT-3.14.2-2] is the server's; a client may change it where it was not 0 (3.14.2.2.2).
TEST(session, expiry_is_changed_by_disconnect) {
  conversation talk;
  auto client = talk.come("a", keeping(10));
  talk.hear(client);
  talk.say(client, disconnect_packet(100));
  talk.turn();
  talk.advance_s(50);
  client = talk.come("a", keeping(10));
  EXPECT_EQ(talk.hear(client), lines{"connack present 00"});
  talk.say(client, disconnect_packet(0));
  talk.turn();
  client = talk.come("a", keeping(10));
  EXPECT_EQ(talk.hear(client), lines{"connack 00"});
}

TEST(session, that_ends_with_its_connection_cannot_be_made_to_last_by_disconnect) {
  conversation talk;
  const auto client = talk.come("a", keeping(0));
  talk.hear(client);
  talk.say(client, disconnect_packet(100));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"disconnect 82"});
}

// The position of a session stood at its last message however long ago that was, and it read on from there.
TEST(session, that_falls_behind_is_given_nothing_older_for_a_filter_that_began_while_it_was_live) {
  conversation talk;
  const auto publisher = talk.join("p");
  auto packet = keeping(60);
  packet.receive_maximum = 1;
  auto client = talk.come("s", packet);
  talk.hear(client);
  talk.subscribe(client, "a", 1);
  talk.publish(publisher, "b", "before", 1, 1);
  talk.turn();
  talk.subscribe(client, "b", 1);
  talk.publish(publisher, "a", "1", 1, 2);
  talk.publish(publisher, "b", "2", 1, 3);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"publish q1 #1 a 1"});
  talk.lose(client);
  packet.receive_maximum = 10;
  client = talk.come("s", packet);
  EXPECT_EQ(talk.hear(client), (lines{"connack present 00", "publish q1 #1 dup a 1", "publish q1 #2 b 2"}));
}

}  // namespace headgate::worker::testing
