#include <gmock/gmock.h>

#include "mqtt/connack.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

TEST(connect, is_answered_in_3_1_1) {
  conversation talk;
  const auto client = talk.network.connect();
  talk.say(client, encoded(mqtt::connect{.version = mqtt::version::v3_1_1, .clean_start = true, .client_id = "a"}));
  talk.turn();
  EXPECT_EQ(talk.take(client), hex({0x20, 2, 0, 0}));
}

TEST(connect, is_answered_in_3_1_and_for_a_bridge) {
  conversation talk;
  for (const auto version : {mqtt::version::v3_1, mqtt::version::v3_1_1}) {
    for (const bool bridge : {false, true}) {
      const auto client = talk.network.connect();
      talk.say(
          client,
          encoded(mqtt::connect{
              .version = version, .bridge = bridge, .clean_start = true, .client_id = "twenty-four-characters-x"}));
      talk.turn();
      EXPECT_EQ(talk.take(client), hex({0x20, 2, 0, 0}));
    }
  }
}

TEST(connect, of_3_1_without_a_client_id_is_refused_with_return_code_2) {
  conversation talk;
  const auto client = talk.network.connect();
  talk.say(client, encoded(mqtt::connect{.version = mqtt::version::v3_1, .clean_start = true}));
  talk.turn();
  EXPECT_EQ(talk.take(client), hex({0x20, 2, 0, 2}));
}

TEST(connect, of_5_hears_the_limits_and_what_is_granted) {
  conversation talk;
  const auto client = talk.come("", {.clean_start = true, .session_expiry_interval_s = 60});
  const auto text = talk.take(client);
  const auto found = mqtt::next_frame(base::as_bytes(text), 1000);
  const auto packet = mqtt::decode_connack(found.packet, mqtt::version::v5);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->reason, mqtt::reason_code::success);
  EXPECT_FALSE(packet->session_present);
  EXPECT_EQ(packet->maximum_qos, mqtt::qos::exactly_once);
  EXPECT_TRUE(packet->retain_available);
  EXPECT_TRUE(packet->shared_subscription_available);
  EXPECT_TRUE(packet->subscription_identifier_available);
  EXPECT_TRUE(packet->wildcard_subscription_available);
  EXPECT_EQ(packet->session_expiry_interval_s, std::nullopt) << "as it was asked for [MQTT-3.2.2.3.2]";
  EXPECT_EQ(packet->receive_maximum, talk.limits.inflight_in);
  EXPECT_EQ(packet->topic_alias_maximum, talk.limits.topic_aliases);
  EXPECT_EQ(packet->maximum_packet_size, talk.limits.max_packet_bytes);
  EXPECT_EQ(packet->assigned_client_id.substr(0, 5), "auto-");
}

// [MQTT-3.1.2-24]: a CONNACK that the client would not take is not sent, nor is one that says why where that is too
// large.
TEST(connect, of_a_client_that_takes_no_packet_as_large_as_its_connack_is_refused) {
  conversation talk;
  for (const std::uint32_t maximum : {1U, 4U, 5U, 15U, 16U}) {
    const auto client = talk.come("a", {.clean_start = true, .maximum_packet_size = maximum});
    const bool taken = maximum >= 16;
    const auto said = talk.take(client);
    EXPECT_LE(said.size(), maximum);
    if (!taken) {
      EXPECT_EQ(said, maximum < 5 ? "" : hex({0x20, 3, 0, 0x95, 0})) << maximum;
    }
    EXPECT_EQ(talk.is_open(client), taken) << maximum;
  }
}

TEST(connect, of_who_takes_little_is_refused_without_a_reason_string) {
  conversation talk;
  const auto client =
      talk.come("a", {.clean_start = true, .maximum_packet_size = 20, .authentication_method = "method"});
  EXPECT_EQ(talk.take(client), hex({0x20, 3, 0, 0x8c, 0}));
}

// Nobody could come back for its session.
TEST(connect, of_who_goes_before_it_hears_its_id_leaves_nothing) {
  if (!completes_later()) GTEST_SKIP() << "nothing happens while it connects";
  conversation talk;
  const auto client = talk.open();
  talk.say_connect(client, "", mqtt::version::v5, {.session_expiry_interval_s = 600});
  talk.turn_a_little();
  talk.lose(client);
  EXPECT_EQ(talk.view().store.kept, 0U);
}

// [MQTT-3.1.4-3]
TEST(connect, with_the_same_client_id_takes_over) {
  conversation talk;
  const auto older = talk.join("twin", mqtt::version::v5);
  talk.subscribe(older, "t", 0);
  const auto newer = talk.join("twin", mqtt::version::v5);
  EXPECT_FALSE(talk.is_open(older));
  EXPECT_TRUE(talk.is_open(newer));
  const auto goodbye = talk.take(older);
  EXPECT_EQ(goodbye.substr(0, 1), "\xe0");
  EXPECT_EQ(goodbye[2], '\x8e');

  talk.publish(newer, "t", "x");
  talk.turn();
  EXPECT_EQ(talk.take(older), "");
  EXPECT_EQ(talk.view().gateway.clients, 1U);
  EXPECT_EQ(talk.view().gateway.filters, 0U);
}

// [MQTT-3.1.0-2]
TEST(connect, twice_is_a_protocol_error) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5);
  talk.say(client, encoded(mqtt::connect{.clean_start = true, .client_id = "a"}));
  talk.turn();
  EXPECT_EQ(talk.take(client).substr(2, 1), "\x82");
  EXPECT_FALSE(talk.is_open(client));
}

// [MQTT-3.1.0-1]
TEST(connect, must_be_the_first_packet) {
  conversation talk;
  const auto client = talk.network.connect();
  talk.say(client, hex({0xc0, 0}));
  talk.turn();
  EXPECT_EQ(talk.take(client), "");
  EXPECT_FALSE(talk.is_open(client));
  EXPECT_EQ(talk.view().gateway.refused_malformed, 1U);
}

TEST(connect, of_an_unknown_version_is_refused_with_its_code) {
  conversation talk;
  const auto client = talk.network.connect();
  talk.say(client, hex({0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 3, 2, 0, 60, 0, 1, 'a'}));
  talk.turn();
  EXPECT_EQ(talk.take(client), hex({0x20, 2, 0, 1}));
  EXPECT_FALSE(talk.is_open(client));
}

TEST(connect, that_never_comes_is_waited_for_ten_seconds) {
  conversation talk;
  const auto client = talk.network.connect();
  talk.turn();
  talk.advance_s(9);
  EXPECT_TRUE(talk.is_open(client));
  talk.advance_s(3);
  EXPECT_FALSE(talk.is_open(client));
  EXPECT_EQ(talk.view().gateway.connect_timeouts, 1U);
}

// [MQTT-3.1.2-22]: one and a half times the Keep Alive.
TEST(keep_alive, closes_a_silent_client) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5, {.keep_alive_s = 10});
  talk.advance_s(14);
  EXPECT_TRUE(talk.is_open(client));
  talk.advance_s(3);
  EXPECT_EQ(talk.take(client).substr(2, 1), "\x8d");
  EXPECT_FALSE(talk.is_open(client));
}

// [MQTT-3.2.2-21]: the client is told ours, and we disconnect it after one and a half times that.
TEST(keep_alive, is_limited_for_clients_that_can_be_told) {
  base::limits limits;
  limits.max_keep_alive_s = 10;
  conversation talk(limits);
  for (const int asked : {0, 11, 65'535}) {
    const auto client = talk.come("a", {.keep_alive_s = static_cast<std::uint16_t>(asked)});
    EXPECT_THAT(talk.take(client), ::testing::HasSubstr(hex({0x13, 0, 10})));
    talk.advance_s(14);
    EXPECT_TRUE(talk.is_open(client));
    talk.advance_s(3);
    EXPECT_FALSE(talk.is_open(client));
  }
  const auto modest = talk.come("b", {.keep_alive_s = 9});
  EXPECT_THAT(talk.take(modest), ::testing::Not(::testing::HasSubstr(hex({0x13, 0}))));
  const auto old = talk.join("c", mqtt::version::v3_1_1, {.keep_alive_s = 11});
  talk.advance_s(15);
  EXPECT_FALSE(talk.is_open(modest));
  EXPECT_TRUE(talk.is_open(old));
}

TEST(keep_alive, is_held_up_by_pings) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v3_1_1, {.keep_alive_s = 10});
  for (int n = 0; n < 20; ++n) {
    talk.say(client, hex({0xc0, 0}));
    talk.advance_s(9);
    EXPECT_EQ(talk.take(client), hex({0xd0, 0}));
  }
  EXPECT_TRUE(talk.is_open(client));
}

TEST(keep_alive, of_zero_never_closes) {
  conversation talk;
  const auto client = talk.join("a");
  talk.advance_s(100'000);
  EXPECT_TRUE(talk.is_open(client));
}

TEST(closing, waits_for_the_client_and_then_no_longer) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5);
  talk.say(client, hex({0xf0, 0}) + std::string(1000, 'x'));
  talk.turn();
  EXPECT_TRUE(talk.network[client].open);
  talk.say(client, std::string(1000, 'x'));
  talk.turn();
  talk.advance_s(7);
  EXPECT_FALSE(talk.network[client].open);
}

TEST(disconnect, closes_without_a_word) {
  conversation talk;
  const auto client = talk.join("a");
  talk.say(client, hex({0xe0, 0}));
  talk.turn();
  EXPECT_EQ(talk.take(client), "");
  EXPECT_FALSE(talk.network[client].open);
  EXPECT_EQ(talk.view().gateway.clients, 0U);
}

TEST(shutdown, tells_every_client) {
  conversation talk;
  const auto modern = talk.join("a", mqtt::version::v5);
  const auto older = talk.join("b");
  talk.worker.letters().post([&] { talk.worker.stop(); });
  talk.turn();
  EXPECT_EQ(talk.take(modern).substr(2, 1), "\x8b");
  EXPECT_EQ(talk.take(older), "");
  EXPECT_FALSE(talk.is_open(older));
  EXPECT_FALSE(talk.network.listening);
}

}  // namespace headgate::worker::testing
