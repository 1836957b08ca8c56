#include "mqtt/connack.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

constexpr mqtt::version both[] = {mqtt::version::v3_1_1, mqtt::version::v5};

mqtt::connect with_will(std::uint16_t keep_alive_s) {
  mqtt::connect packet{.keep_alive_s = keep_alive_s};
  packet.will.emplace();
  packet.will->topic = "will";
  packet.will->payload = base::as_bytes(std::string_view("gone"));
  return packet;
}

// [3.1.1 MQTT-3.1.2-24] [5.0 MQTT-3.1.2-22] A client that says nothing for one and a half times its keep-alive is
// disconnected, and no earlier.
TEST(mqtt5_3_1_2_keep_alive, silence_of_one_and_a_half_times_ends_the_connection) {
  for (const auto version : both) {
    conversation talk;
    const auto client = talk.join("a", version, {.keep_alive_s = 10});
    talk.advance_s(14);
    EXPECT_TRUE(talk.is_open(client));
    talk.advance_s(2);
    EXPECT_FALSE(talk.is_open(client));
  }
}

// [3.1.1 MQTT-3.1.2-24] [5.0 MQTT-3.1.2-22] It ends as if the network had failed: the will goes out, and in MQTT 5 the
// client is told why.
TEST(mqtt5_3_1_2_keep_alive, silence_ends_the_connection_as_if_it_were_lost) {
  for (const auto version : both) {
    conversation talk;
    const auto watcher = talk.join("watcher");
    talk.subscribe(watcher, "will", 0);
    const auto client = talk.join("a", version, with_will(10));
    talk.advance_s(14);
    EXPECT_EQ(talk.hear(watcher), lines{});
    talk.advance_s(2);
    EXPECT_EQ(talk.hear(watcher), lines{"publish q0 will gone"});
    EXPECT_EQ(talk.hear(client), version == mqtt::version::v5 ? lines{"disconnect 8d"} : lines{});
  }
}

// [3.1.1 MQTT-3.1.2-24] [5.0 MQTT-3.1.2-22] Any packet counts, PINGREQ or another; what the server sends does not.
TEST(mqtt5_3_1_2_keep_alive, any_packet_of_the_client_begins_it_anew) {
  for (const auto version : both) {
    conversation talk;
    const auto publisher = talk.join("p", version);
    const auto client = talk.join("a", version, {.keep_alive_s = 10});
    talk.subscribe(client, "t", 1);
    for (const auto& packet : {hex({0xc0, 0}), conversation::publish_packet("other", "x", 0, 0, version),
                               conversation::puback(99), talk.unsubscribe_packet(client, "none")}) {
      talk.advance_s(14);
      ASSERT_TRUE(talk.is_open(client));
      talk.say(client, packet);
      talk.turn();
    }
    talk.hear(client);
    for (int n = 0; n < 5; ++n) {
      talk.publish(publisher, "t", "x", 1);
      talk.advance_s(4);
    }
    EXPECT_FALSE(talk.is_open(client)) << "it has heard much and said nothing";
  }
}

// 3.1.2.10: a Keep Alive of 0 turns it off.
TEST(mqtt5_3_1_2_keep_alive, keep_alive_0_lets_a_client_be_silent_for_ever) {
  for (const auto version : both) {
    conversation talk;
    const auto client = talk.join("a", version, {.keep_alive_s = 0});
    for (int day = 0; day < 30; ++day) talk.advance_s(24 * 3600);
    EXPECT_TRUE(talk.is_open(client));
    talk.say(client, hex({0xc0, 0}));
    talk.turn();
    EXPECT_EQ(talk.hear(client), lines{"pingresp"});
  }
}

// [5.0 MQTT-3.2.2-22] The largest and the smallest are taken as they come, since CONNACK names no other.
TEST(mqtt5_3_1_2_keep_alive, the_interval_of_the_client_is_the_one_that_holds) {
  for (const auto version : both) {
    for (const std::uint16_t interval_s : {std::uint16_t{2}, std::uint16_t{600}, std::uint16_t{65'535}}) {
      conversation talk;
      const auto client = talk.open();
      talk.say_connect(client, "a", version, {.clean_start = true, .keep_alive_s = interval_s});
      talk.turn();
      const auto said = talk.take(client);
      const auto frame = mqtt::next_frame(base::as_bytes(said), 1000, version);
      const auto answer = mqtt::decode_connack(frame.packet, version);
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->server_keep_alive_s, std::nullopt);
      talk.advance_s(interval_s * 3U / 2 - 1);
      EXPECT_TRUE(talk.is_open(client)) << interval_s;
      talk.advance_s(3);
      EXPECT_FALSE(talk.is_open(client)) << interval_s;
    }
  }
}

}  // namespace

}  // namespace headgate::worker::testing
