// Clause 3.3.2.3.3: the Message Expiry Interval, of messages that wait for a session, for room, or for a subscriber to
// come (retained).

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

const mqtt::connect keeping{.clean_start = false, .session_expiry_interval_s = 100'000};

std::string expiring_publish(std::string_view payload, int expiry_s, int qos, std::uint16_t packet_id,
                             bool retain = false) {
  const auto expiry = hex({0x02, expiry_s >> 24 & 255, expiry_s >> 16 & 255, expiry_s >> 8 & 255, expiry_s & 255});
  return conversation::publish_packet("t", payload, qos, packet_id, mqtt::version::v5, expiry, retain);
}

struct came {
  std::string payload;
  std::uint32_t expiry_s = 0;
  bool operator==(const came&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const came& each) {
    return out << each.payload << " with " << each.expiry_s << " s";
  }
};

std::vector<came> take_all(conversation& talk, std::uint32_t client) {
  std::vector<came> all;
  for (const auto& publish : talk.take_publishes(client)) all.push_back({publish.payload, publish.expiry_s});
  return all;
}

// What a client hears in front of its messages.
void expect_connack_present(conversation& talk, std::uint32_t client, std::vector<came> messages) {
  std::string heard = talk.take(client);
  ASSERT_GE(heard.size(), 2U);
  const auto connack_size = 2U + static_cast<unsigned char>(heard[1]);
  EXPECT_EQ(heard[2], 1) << "session present";
  talk.end(client).to_client = heard.substr(connack_size);
  EXPECT_EQ(take_all(talk, client), messages);
}

}  // namespace

// [5.0 MQTT-3.3.2-6] Who is there when it is published gets the interval as it was; a subscriber of 3.1.1 none.
TEST(mqtt5_3_3_2_expiry, a_message_that_did_not_wait_has_its_whole_interval) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p", mqtt::version::v5);
  for (const int qos : {0, 1, 2}) {
    const auto client = talk.join("s" + std::to_string(qos), mqtt::version::v5, {}, 1);
    talk.subscribe(client, "t", qos);
    talk.advance_s(50);
    talk.say(publisher, expiring_publish("x", 30, qos, static_cast<std::uint16_t>(qos + 1)));
    talk.turn();
    EXPECT_EQ(take_all(talk, client), (std::vector<came>{{"x", 30}}));
  }
}

// [5.0 MQTT-3.3.2-5] [5.0 MQTT-3.3.2-6] A session that comes back gets what has not expired, with what is left of it;
// what has no interval never expires.
TEST(mqtt5_3_3_2_expiry, is_decremented_on_forward_by_the_time_that_a_session_was_away) {
  for (const int qos : {1, 2}) {
    conversation talk({}, three_workers());
    const auto publisher = talk.join("p", mqtt::version::v5);
    auto client = talk.come("s", keeping);
    talk.hear(client);
    talk.subscribe(client, "t", qos);
    talk.lose(client);
    talk.say(publisher, expiring_publish("short", 10, qos, 1) + expiring_publish("long", 70'000, qos, 2));
    talk.publish(publisher, "t", "for ever", qos, 3);
    talk.turn();
    talk.advance_s(5);
    talk.say(publisher, expiring_publish("later", 10, qos, 4));
    talk.turn();
    talk.advance_s(6);
    client = talk.come("s", keeping, mqtt::version::v5, 2);
    expect_connack_present(talk, client, {{"long", 69'989}, {"for ever", mqtt::no_expiry}, {"later", 4}});
  }
}

// [5.0 MQTT-3.3.2-5] Shown a moment before and a moment after.
TEST(mqtt5_3_3_2_expiry, has_passed_when_its_seconds_have) {
  for (const std::uint64_t waited_s : {9, 10}) {
    conversation talk;
    const auto publisher = talk.join("p", mqtt::version::v5);
    auto client = talk.come("s", keeping);
    talk.hear(client);
    talk.subscribe(client, "t", 1);
    talk.lose(client);
    talk.say(publisher, expiring_publish("x", 10, 1, 1));
    talk.turn();
    talk.advance_s(waited_s);
    client = talk.come("s", keeping);
    expect_connack_present(talk, client, waited_s < 10 ? std::vector<came>{{"x", 1}} : std::vector<came>{});
  }
}

// [5.0 MQTT-3.3.2-5] [5.0 MQTT-3.3.2-6] What waits for room in a client's Receive Maximum gets old as well, each copy
// for itself.
TEST(mqtt5_3_3_2_expiry, goes_on_while_a_message_waits_for_room) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p", mqtt::version::v5);
  const auto client = talk.join("s", mqtt::version::v5, {.receive_maximum = 1}, 1);
  const auto other = talk.join("o", mqtt::version::v5, {}, 2);
  for (const auto each : {client, other}) talk.subscribe(each, "t", 1);
  talk.publish(publisher, "t", "first", 1, 1);
  talk.say(publisher, expiring_publish("short", 10, 1, 2) + expiring_publish("long", 60, 1, 3));
  talk.turn();
  EXPECT_EQ(take_all(talk, client), (std::vector<came>{{"first", mqtt::no_expiry}}));
  EXPECT_EQ(take_all(talk, other), (std::vector<came>{{"first", mqtt::no_expiry}, {"short", 10}, {"long", 60}}));
  talk.advance_s(20);
  talk.say(client, conversation::puback(1));
  talk.turn();
  EXPECT_EQ(take_all(talk, client), (std::vector<came>{{"long", 40}}));
}

// [5.0 MQTT-3.3.2-5] [5.0 MQTT-3.3.2-6] A retained message is not given to who subscribes after its time, and before
// that with what is left.
TEST(mqtt5_3_3_2_expiry, of_a_retained_message_counts_for_who_comes_later) {
  for (const int qos : {0, 1, 2}) {
    for (const auto* filter : {"t", "+", "#"}) {
      conversation talk({}, three_workers());
      const auto publisher = talk.join("p", mqtt::version::v5);
      talk.say(publisher, expiring_publish("x", 60, qos, 1, true));
      talk.turn();
      talk.advance_s(20);
      const auto subscribe = [&](const char* id) {
        const auto client = talk.join(id, mqtt::version::v5, {}, 1);
        talk.say(client, talk.subscribe_packet(client, {filter, mqtt::qos::exactly_once, false, false, 0}));
        talk.turn();
        auto heard = talk.take(client);
        EXPECT_EQ(heard.substr(0, 2), hex({0x90, 4}));
        talk.end(client).to_client = heard.substr(6);
        return take_all(talk, client);
      };
      EXPECT_EQ(subscribe("early"), (std::vector<came>{{"x", 40}}));
      talk.advance_s(39);
      EXPECT_EQ(subscribe("just in time"), (std::vector<came>{{"x", 1}}));
      talk.advance_s(1);
      EXPECT_EQ(subscribe("late"), std::vector<came>{});
    }
  }
}

// [5.0 MQTT-3.3.2-5] [5.0 MQTT-3.3.2-6] Neither does a shared subscription give out what has expired while none of its
// members was there.
TEST(mqtt5_3_3_2_expiry, of_a_message_for_a_shared_subscription_goes_on_while_nobody_is_there) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p", mqtt::version::v5);
  auto client = talk.come("s", keeping);
  talk.hear(client);
  talk.subscribe(client, "$share/g/t", 1);
  talk.lose(client);
  talk.say(publisher, expiring_publish("short", 10, 1, 1) + expiring_publish("long", 60, 1, 2));
  talk.turn();
  talk.advance_s(20);
  client = talk.come("s", keeping, mqtt::version::v5, 2);
  talk.advance_s(1);
  expect_connack_present(talk, client, {{"long", 40}});
}

}  // namespace headgate::worker::testing
