// Retained messages (MQTT 5.0, 3.3.1.3, 3.8.3.1).

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

lines after_suback(conversation& talk, std::uint32_t client, const mqtt::subscription& asked) {
  talk.say(client, talk.subscribe_packet(client, asked));
  talk.turn();
  auto heard = talk.hear(client);
  std::erase_if(heard, [](const std::string& line) { return line.starts_with("suback"); });
  return heard;
}

}  // namespace

TEST(retained, comes_to_new_subscriptions_and_can_be_replaced_and_erased) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p");
  const auto client = talk.join("s", mqtt::version::v5, {}, 1);
  const mqtt::subscription asked{"t", mqtt::qos::at_least_once, false, false, 0};
  talk.publish_retained(publisher, "t", "old", 1);
  talk.publish_retained(publisher, "t", "new", 0);
  talk.turn();
  EXPECT_EQ(after_suback(talk, client, asked), lines{"publish q0 retain t new"});
  talk.publish_retained(publisher, "t", "live", 1);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"publish q1 #1 t live"}) << "without RETAIN [MQTT-3.3.1-12]";
  talk.publish_retained(publisher, "t", "", 1);
  talk.turn();
  talk.hear(client);
  EXPECT_EQ(after_suback(talk, client, asked), lines{});
}

// [MQTT-3.3.1-9] to [MQTT-3.3.1-11]
TEST(retained, handling_says_when) {
  conversation talk;
  const auto publisher = talk.join("p");
  talk.publish_retained(publisher, "t", "x");
  talk.turn();
  for (const int handling : {0, 1, 2}) {
    const auto client = talk.join("s" + std::to_string(handling), mqtt::version::v5);
    const mqtt::subscription asked{"t", mqtt::qos::at_most_once, false, false, static_cast<std::uint8_t>(handling)};
    EXPECT_EQ(after_suback(talk, client, asked).size(), handling < 2 ? 1U : 0U);
    EXPECT_EQ(after_suback(talk, client, asked).size(), handling == 0 ? 1U : 0U);
  }
}

// [MQTT-3.3.1-12, -13]
TEST(retained, as_published_keeps_the_flag) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto client = talk.join("s", mqtt::version::v5);
  after_suback(talk, client, {"t", mqtt::qos::at_least_once, false, true, 2});
  talk.publish_retained(publisher, "t", "a", 1);
  talk.publish(publisher, "t", "b", 1, 2);
  talk.turn();
  EXPECT_EQ(talk.hear(client), (lines{"publish q1 #1 retain t a", "publish q1 #2 t b"}));
}

TEST(retained, of_many_topics_comes_in_steps_that_fit_the_window) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p");
  constexpr int topics = 300;
  for (int n = 0; n < topics; ++n) {
    talk.publish_retained(publisher, "t/" + std::to_string(n), "x", 1);
    talk.turn();
  }
  const auto client = talk.join("s", mqtt::version::v5, {.receive_maximum = 7}, 2);
  talk.say(client, talk.subscribe_packet(client, {"t/#", mqtt::qos::at_least_once, false, false, 0}));
  talk.turn();
  EXPECT_EQ(talk.hear(client).size(), 8U);
  for (int n = 1; n <= 7; ++n) talk.say(client, conversation::puback(n));
  std::size_t got = 7;
  for (int round = 0; round < topics; ++round) {
    talk.turn();
    const auto publishes = talk.take_publishes(client);
    EXPECT_LE(publishes.size(), 7U);
    got += publishes.size();
    talk.acknowledge(client, publishes);
  }
  EXPECT_EQ(got, std::size_t{topics});
}

// What is published while the retained message waits for room comes behind it.
TEST(retained, is_not_overtaken_by_a_live_message_of_its_topic) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto client = talk.join("s", mqtt::version::v5, {.receive_maximum = 1});
  talk.subscribe(client, "other", 1);
  talk.publish(publisher, "other", "first", 1, 1);
  talk.publish_retained(publisher, "t", "old", 1);
  talk.turn();
  talk.hear(client);
  talk.say(client, talk.subscribe_packet(client, "t", 1));
  talk.turn();
  talk.publish(publisher, "t", "new", 1, 2);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"suback #7 01"});
  lines heard;
  for (int n = 1; n <= 2; ++n) {
    talk.say(client, conversation::puback(n));
    talk.turn();
    for (auto& line : talk.hear(client)) heard.push_back(line);
  }
  EXPECT_EQ(heard, (lines{"publish q1 #2 retain t old", "publish q1 #3 t new"}));
}

// [MQTT-3.10.4-2]: what waits for room is given up with the filter, and asked for anew with a new SUBSCRIBE.
TEST(retained, of_a_filter_that_was_left_does_not_come) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto client = talk.join("s", mqtt::version::v5, {.receive_maximum = 1});
  for (int n = 0; n < 3; ++n) talk.publish_retained(publisher, "r/" + std::to_string(n), "x", 1);
  talk.turn();
  talk.subscribe(client, "live", 1);
  talk.say(client, talk.subscribe_packet(client, "r/+", 1));
  talk.turn();
  EXPECT_EQ(talk.hear(client), (lines{"suback #7 01", "publish q1 #1 retain r/0 x"}));
  talk.say(client, talk.unsubscribe_packet(client, "r/+"));
  talk.publish(publisher, "live", "y", 1, 2);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"unsuback #8 00"});
  talk.say(client, conversation::puback(1));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"publish q1 #2 live y"}) << "the log that waited goes on";
}

// [MQTT-3.8.4-3]: what waits for room belongs to the subscription that has replaced the one that asked for it.
TEST(retained, still_to_come_has_the_identifier_and_qos_of_the_newest_subscription) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto client = talk.join("s", mqtt::version::v5, {.receive_maximum = 1});
  for (int n = 0; n < 3; ++n) talk.publish_retained(publisher, "r/" + std::to_string(n), "x", 1);
  talk.turn();
  const auto ask = [&](mqtt::qos qos, std::uint32_t identifier) {
    const std::uint8_t handling = identifier == 1 ? 0 : 2;
    talk.say(client, talk.subscribe_packet(client, {"r/+", qos, false, false, handling}, identifier));
    talk.turn();
  };
  ask(mqtt::qos::at_least_once, 1);
  EXPECT_EQ(talk.hear(client), (lines{"suback #7 01", "publish q1 #1 retain id=1 r/0 x"}));
  ask(mqtt::qos::exactly_once, 2);
  EXPECT_EQ(talk.hear(client), lines{"suback #7 02"});
  talk.say(client, conversation::puback(1));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"publish q1 #2 retain id=2 r/1 x"});
  ask(mqtt::qos::at_most_once, 3);
  EXPECT_EQ(talk.hear(client), lines{"suback #7 00"});
  talk.say(client, conversation::puback(2));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"publish q0 retain id=3 r/2 x"});
}

// [MQTT-3.8.3-3]
TEST(retained, of_its_own_is_not_for_who_wants_none_of_it) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5);
  talk.publish_retained(client, "t", "x", 0);
  talk.turn();
  talk.hear(client);
  talk.subscribe(client, "t", 0, true);
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{});
}

}  // namespace headgate::worker::testing
