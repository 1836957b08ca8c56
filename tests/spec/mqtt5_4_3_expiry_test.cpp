// Clause 4.3.3: an exchange of QoS 2 outlives the message's expiry; clause 4.4: nothing is sent again while the
// connection holds, however long.

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

constexpr mqtt::version both[] = {mqtt::version::v3_1_1, mqtt::version::v5};
const mqtt::connect keeping{.clean_start = false, .session_expiry_interval_s = 100'000};

std::string expiring_in_10_s(std::string_view payload, int qos, std::uint16_t packet_id) {
  return conversation::publish_packet("t", payload, qos, packet_id, mqtt::version::v5, hex({0x02, 0, 0, 0, 10}));
}

}  // namespace

// [5.0 MQTT-4.3.3-7] Sent before its time, it comes again after it when its client comes back, with nothing left of its
// interval; then PUBREL.
TEST(mqtt5_4_3_expiry, a_message_that_was_sent_does_not_expire) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p", mqtt::version::v5);
  auto client = talk.come("s", keeping);
  talk.hear(client);
  talk.subscribe(client, "t", 2);
  talk.say(publisher, expiring_in_10_s("x", 2, 1));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"publish q2 #1 t x"});
  talk.lose(client);
  talk.advance_s(1000);
  client = talk.come("s", keeping);
  EXPECT_EQ(talk.hear(client), (lines{"connack present 00", "publish q2 #1 dup t x"}));
  talk.say(client, conversation::pubrec(1));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"pubrel #1"});
  talk.lose(client);
  talk.advance_s(1000);
  client = talk.come("s", keeping);
  EXPECT_EQ(talk.hear(client), (lines{"connack present 00", "pubrel #1"}));
}

// [5.0 MQTT-4.3.3-13] The publisher's exchange goes on when its message has expired and gone to nobody: PUBLISH with
// the same id is answered and is no new message, PUBREL ends it.
TEST(mqtt5_4_3_expiry, the_exchange_of_an_expired_message_goes_on) {
  conversation talk({}, three_workers());
  auto publisher = talk.come("p", keeping);
  talk.hear(publisher);
  const auto away = talk.come("s", keeping, mqtt::version::v5, 1);
  talk.hear(away);
  talk.subscribe(away, "t", 2);
  talk.lose(away);
  talk.say(publisher, expiring_in_10_s("x", 2, 5));
  talk.turn();
  EXPECT_EQ(talk.hear(publisher), lines{"pubrec #5"});
  talk.advance_s(1000);
  talk.say(publisher, expiring_in_10_s("x", 2, 5));
  talk.turn();
  EXPECT_EQ(talk.hear(publisher), lines{"pubrec #5"});
  talk.lose(publisher);
  talk.advance_s(1000);
  publisher = talk.come("p", keeping, mqtt::version::v5, 2);
  talk.say(publisher, conversation::pubrel(5));
  talk.turn();
  EXPECT_EQ(talk.hear(publisher), (lines{"connack present 00", "pubcomp #5"}));
  EXPECT_EQ(talk.hear(talk.come("s", keeping)), lines{"connack present 00"});
}

// [5.0 MQTT-4.4.0-1] Neither PUBLISH nor PUBREL comes again on a connection that holds, however long nothing answers
// it.
TEST(mqtt5_4_4_retry, nothing_is_sent_again_while_the_connection_holds) {
  for (const auto version : both) {
    conversation talk({}, three_workers());
    const auto publisher = talk.join("p");
    const auto client = talk.join("s", version, {}, 1);
    talk.subscribe(client, "t", 2);
    for (std::uint16_t number = 1; number <= 3; ++number) {
      talk.publish(publisher, "t", "x", number == 1 ? 1 : 2, number);
      talk.turn();
    }
    talk.say(client, conversation::pubrec(3));
    talk.turn();
    EXPECT_EQ(talk.hear(client), (lines{"publish q1 #1 t x", "publish q2 #2 t x", "publish q2 #3 t x", "pubrel #3"}));
    for (int hour = 0; hour < 24; ++hour) talk.advance_s(3600);
    EXPECT_EQ(talk.hear(client), lines{});
    EXPECT_TRUE(talk.is_open(client));
  }
}

}  // namespace headgate::worker::testing
