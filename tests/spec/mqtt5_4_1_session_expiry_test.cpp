#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

constexpr std::uint32_t for_ever = 0xffff'ffff;
constexpr std::uint64_t a_week_s = 7ULL * 24 * 3600;

mqtt::connect keeping(std::uint32_t expiry_s) {
  return {.clean_start = false, .session_expiry_interval_s = expiry_s};
}

// A client with a subscription and a message in flight.
std::uint32_t come_and_take(conversation& talk, std::uint32_t publisher, const mqtt::connect& packet,
                            mqtt::version version) {
  const auto client = talk.come("s", packet, version);
  EXPECT_EQ(talk.hear(client), lines{"connack 00"});
  talk.subscribe(client, "t", 1);
  talk.publish(publisher, "t", "one", 1);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"publish q1 #1 t one"});
  talk.take(publisher);
  return client;
}

lines come_back(conversation& talk, const mqtt::connect& packet, mqtt::version version = mqtt::version::v5) {
  const auto client = talk.come("s", packet, version);
  auto heard = talk.hear(client);
  talk.lose(client);
  return heard;
}

}  // namespace

// [5.0 MQTT-4.1.0-2] Once the Session Expiry Interval has passed since the connection closed, nothing of the session is
// left; before that all of it is.
TEST(mqtt5_4_1_session_expiry, ends_the_session_when_the_interval_has_passed_and_no_earlier) {
  for (const std::uint32_t expiry_s : {1U, 10U, 3600U, 100'000U}) {
    conversation talk({}, three_workers());
    const auto publisher = talk.join("p");
    talk.lose(come_and_take(talk, publisher, keeping(expiry_s), mqtt::version::v5));
    if (expiry_s > 1) {
      talk.advance_s(expiry_s - 1);
      EXPECT_EQ(come_back(talk, keeping(expiry_s)), (lines{"connack present 00", "publish q1 #1 dup t one"}));
      talk.advance_s(expiry_s - 1);
      EXPECT_EQ(come_back(talk, keeping(expiry_s)), (lines{"connack present 00", "publish q1 #1 dup t one"}))
          << "the interval begins with each end of a connection";
    }
    talk.advance_s(expiry_s + 2);
    talk.publish(publisher, "t", "two", 1);
    talk.turn();
    EXPECT_EQ(come_back(talk, keeping(expiry_s)), lines{"connack 00"});
    EXPECT_EQ(talk.view().gateway.filters, 0U);
  }
}

// [5.0 MQTT-4.1.0-2] An interval of 0, or none, ends it with the connection.
TEST(mqtt5_4_1_session_expiry, of_0_ends_the_session_at_once) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p");
  talk.lose(come_and_take(talk, publisher, keeping(0), mqtt::version::v5));
  EXPECT_EQ(come_back(talk, keeping(60)), lines{"connack 00"});
}

// [3.1.1 MQTT-4.1.0-1] [5.0 MQTT-4.1.0-1] An interval of 0xFFFFFFFF, and the session of 3.1.1 without Clean Session,
// does not end.
TEST(mqtt5_4_1_session_expiry, of_the_highest_value_never_ends_it) {
  for (const auto version : {mqtt::version::v3_1_1, mqtt::version::v5}) {
    conversation talk({}, three_workers());
    const auto publisher = talk.join("p");
    talk.lose(come_and_take(talk, publisher, keeping(for_ever), version));
    talk.advance_s(a_week_s);
    EXPECT_EQ(come_back(talk, keeping(for_ever), version), (lines{"connack present 00", "publish q1 #1 dup t one"}));
  }
}

// [3.1.1 MQTT-4.1.0-2] [5.0 MQTT-4.1.0-1] While the connection is open the interval does not run, however short it is:
// subscription, message in flight, and the packet id of an exchange of QoS 2 are there.
TEST(mqtt5_4_1_session_expiry, does_not_run_while_the_connection_is_open) {
  for (const auto version : {mqtt::version::v3_1_1, mqtt::version::v5}) {
    for (const std::uint32_t expiry_s : {0U, 1U}) {
      conversation talk({}, three_workers());
      const auto publisher = talk.join("p");
      auto packet = keeping(version == mqtt::version::v5 ? expiry_s : 0);
      packet.clean_start = true;
      const auto client = come_and_take(talk, publisher, packet, version);
      const auto exchange = conversation::publish_packet("other", "x", 2, 9, version);
      talk.say(client, exchange);
      talk.turn();
      const auto first_answer = talk.hear(client);
      for (int hour = 0; hour < 100; ++hour) talk.advance_s(3600);
      talk.publish(publisher, "t", "two", 1);
      talk.turn();
      EXPECT_EQ(talk.hear(client), lines{"publish q1 #2 t two"});
      talk.say(client, conversation::puback(1));
      talk.say(client, exchange);
      talk.turn();
      EXPECT_EQ(talk.hear(client).size(), 1U);
      EXPECT_EQ(first_answer.size(), 1U);
      EXPECT_EQ(talk.view().gateway.publishes_repeated, 1U);
      EXPECT_EQ(talk.view().gateway.acknowledgements_unknown, 0U);
    }
  }
}

}  // namespace headgate::worker::testing
