// Topic aliases, Subscription Identifiers, Receive Maximum, bridges, and what is the server's own.

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

// MQTT 5.0, 3.3.2.3.4
TEST(alias, stands_for_its_topic_in_both_directions) {
  conversation talk;
  const auto publisher = talk.join("p", mqtt::version::v5);
  const auto subscriber = talk.join("s", mqtt::version::v5, {.topic_alias_maximum = 1});
  talk.subscribe(subscriber, "#", 0);
  const auto alias = hex({0x23, 0, 1});
  talk.say(publisher, conversation::publish_packet("t", "1", 0, 0, mqtt::version::v5, alias));
  talk.say(publisher, conversation::publish_packet("", "2", 0, 0, mqtt::version::v5, alias));
  talk.publish(publisher, "u", "3");
  talk.turn();
  EXPECT_EQ(talk.hear(subscriber), (lines{"publish q0 alias 1 t 1", "publish q0 alias 1 2", "publish q0 u 3"}));
}

TEST(alias, of_zero_above_the_maximum_or_unknown_is_refused) {
  conversation talk;
  const std::pair<std::string, std::string> offences[] = {
      {conversation::publish_packet("t", "x", 0, 0, mqtt::version::v5, hex({0x23, 0, 0})), "disconnect 94"},
      {conversation::publish_packet("t", "x", 0, 0, mqtt::version::v5, hex({0x23, 0, 65})), "disconnect 94"},
      {conversation::publish_packet("", "x", 0, 0, mqtt::version::v5, hex({0x23, 0, 3})), "disconnect 82"},
  };
  for (const auto& [packet, answer] : offences) {
    const auto client = talk.join("a", mqtt::version::v5);
    talk.say(client, packet);
    talk.turn();
    EXPECT_EQ(talk.hear(client), lines{answer});
  }
}

TEST(identifiers, of_all_filters_that_match_come_with_the_message) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5);
  talk.say(client, talk.subscribe_packet(client, {"t", mqtt::qos::at_least_once, false, false, 0}, 5));
  talk.say(client, talk.subscribe_packet(client, {"#", mqtt::qos::at_most_once, false, false, 0}, 268'435'455));
  talk.turn();
  talk.hear(client);
  talk.publish(client, "t", "x", 1);
  talk.publish(client, "u", "y");
  talk.turn();
  auto heard = talk.hear(client);
  std::erase(heard, "puback #1");
  std::sort(heard.begin(), heard.end());
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[0], "publish q0 id=268435455 u y");
  EXPECT_TRUE(heard[1] == "publish q1 #1 id=5 id=268435455 t x" || heard[1] == "publish q1 #1 id=268435455 id=5 t x");
}

// [MQTT-3.3.4-7]: QoS 2 counts up to its PUBCOMP.
TEST(receive_maximum, exceeded_is_refused_in_5) {
  base::limits limits;
  limits.inflight_in = 3;
  conversation talk(limits);
  const auto client = talk.join("a", mqtt::version::v5);
  for (std::uint16_t n = 1; n <= 3; ++n) {
    talk.publish(client, "t", "x", 2, n);
    talk.turn();
  }
  EXPECT_EQ(talk.hear(client), (lines{"pubrec #1", "pubrec #2", "pubrec #3"}));
  talk.publish(client, "t", "x", 2, 4);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"disconnect 93"});
}

TEST(receive_maximum, of_3_1_1_clients_only_slows_them_down) {
  base::limits limits;
  limits.inflight_in = 3;
  conversation talk(limits);
  const auto client = talk.join("a");
  for (std::uint16_t n = 1; n <= 50; ++n) talk.publish(client, "t", "x", n % 2 == 0 ? 1 : 2, n);
  talk.turn();
  EXPECT_EQ(talk.hear(client).size(), 50U);
  EXPECT_TRUE(talk.is_open(client));
}

TEST(bridge, keeps_retain_and_gets_nothing_of_its_own) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto bridge = talk.join("b", mqtt::version::v3_1_1, {.bridge = true});
  talk.subscribe(bridge, "t", 1);
  talk.publish_retained(publisher, "t", "theirs", 1);
  talk.publish(bridge, "t", "mine", 0);
  talk.turn();
  EXPECT_EQ(talk.hear(bridge), lines{"publish q1 #1 retain t theirs"});
}

TEST(server_topics, are_not_the_clients) {
  conversation talk;
  const auto modern = talk.join("a", mqtt::version::v5);
  const auto older = talk.join("b");
  talk.subscribe(older, "$SYS/#", 1);
  for (const auto client : {modern, older}) talk.publish(client, "$SYS/x", "x", 1);
  talk.turn();
  EXPECT_EQ(talk.hear(modern), lines{"puback #1 87"});
  EXPECT_EQ(talk.hear(older), lines{"puback #1"});
}

}  // namespace headgate::worker::testing
