#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

// [5.0 MQTT-4.13.2-1] [5.0 MQTT-3.14.4-2] A client that does not take its DISCONNECT is closed nevertheless, a few
// seconds later, and is given nothing else meanwhile.
TEST(mqtt5_4_13_errors, connection_is_closed_also_when_disconnect_does_not_go_out) {
  for (const auto version : {mqtt::version::v3_1_1, mqtt::version::v5}) {
    conversation talk;
    const auto publisher = talk.join("p");
    const auto client = talk.join("a", version);
    talk.subscribe(client, "t", 1);
    talk.end(client).takes = 0;
    talk.say(client, hex({0xc1, 0}));
    talk.turn();
    talk.publish(publisher, "t", "late", 1);
    talk.advance_s(base::linger_s + 1);
    EXPECT_FALSE(talk.end(client).open);
    EXPECT_EQ(talk.take(client), "");
    EXPECT_TRUE(talk.is_open(publisher));
    EXPECT_EQ(talk.hear(publisher), lines{"puback #1"});
  }
}

}  // namespace headgate::worker::testing
