// Limits that change while the worker runs: what a client was told when it connected holds for its connection.

#include "mqtt/connack.hpp"
#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

void change(conversation& talk, void (*how)(base::limits&)) {
  how(talk.limits);
  talk.set_limits();
}

}  // namespace

TEST(changed_limits, of_a_packet_hold_for_who_connects_from_now_on) {
  conversation talk;
  const auto before = talk.join("before", mqtt::version::v5);
  change(talk, [](base::limits& limits) { limits.max_packet_bytes = 1024; });
  const auto after = talk.join("after", mqtt::version::v5);
  for (const auto client : {before, after}) {
    talk.publish(client, "t", std::string(2000, 'x'));
    talk.turn();
  }
  EXPECT_TRUE(talk.is_open(before));
  EXPECT_FALSE(talk.is_open(after));
  change(talk, [](base::limits& limits) { limits.max_packet_bytes = 4096; });
  const auto later = talk.join("later", mqtt::version::v5);
  talk.publish(later, "t", std::string(2000, 'x'));
  talk.turn();
  EXPECT_TRUE(talk.is_open(later));
}

TEST(changed_limits, of_publishes_in_flight_hold_for_who_connects_from_now_on) {
  conversation talk({.inflight_in = 3});
  const auto before = talk.join("before", mqtt::version::v5);
  change(talk, [](base::limits& limits) { limits.inflight_in = 1; });
  const auto after = talk.join("after", mqtt::version::v5);
  for (const auto client : {before, after}) {
    // Not released: each counts until its PUBCOMP.
    talk.publish(client, "t", "one", 2, 1);
    talk.turn();
    talk.publish(client, "t", "two", 2, 2);
    talk.turn();
  }
  EXPECT_TRUE(talk.is_open(before));
  EXPECT_FALSE(talk.is_open(after)) << "0x93";
}

TEST(changed_limits, of_topic_aliases_hold_for_who_connects_from_now_on) {
  conversation talk;
  const auto before = talk.join("before", mqtt::version::v5);
  change(talk, [](base::limits& limits) { limits.topic_aliases = 0; });
  const auto after = talk.join("after", mqtt::version::v5);
  for (const auto client : {before, after}) {
    talk.say(client, conversation::publish_packet("t", "m", 0, 1, mqtt::version::v5, hex({0x23, 0, 5})));
    talk.turn();
  }
  EXPECT_TRUE(talk.is_open(before));
  EXPECT_FALSE(talk.is_open(after)) << "0x94";
}

TEST(changed_limits, are_what_connack_says) {
  conversation talk;
  change(talk, [](base::limits& limits) {
    limits.inflight_in = 5;
    limits.max_packet_bytes = 2000;
    limits.topic_aliases = 7;
  });
  const auto client = talk.come("c", {});
  const auto bytes = talk.take(client);
  const auto found = mqtt::next_frame(base::as_bytes(bytes), 1 << 20);
  const auto packet = mqtt::decode_connack(found.packet, mqtt::version::v5);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->receive_maximum, 5U);
  EXPECT_EQ(packet->maximum_packet_size, 2000U);
  EXPECT_EQ(packet->topic_alias_maximum, 7U);
}

TEST(changed_limits, of_the_window_hold_for_who_connects_from_now_on) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto before = talk.join("before");
  change(talk, [](base::limits& limits) { limits.max_inflight = 2; });
  const auto after = talk.join("after");
  for (const auto client : {before, after}) talk.subscribe(client, "t", 1);
  for (std::uint16_t n = 1; n <= 5; ++n) talk.publish(publisher, "t", "m", 1, n);
  talk.turn();
  EXPECT_EQ(talk.take_publishes(before).size(), 5U);
  EXPECT_EQ(talk.take_publishes(after).size(), 2U);
}

TEST(changed_limits, of_output_hold_at_once_and_stop_nobody) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s");
  talk.subscribe(subscriber, "t", 0);
  talk.end(subscriber).takes = 0;
  talk.publish(publisher, "t", std::string(900'000, 'x'));
  talk.turn();
  change(talk, [](base::limits& limits) {
    limits.max_output_bytes = 1000;
    limits.max_packet_bytes = 1024;
  });
  talk.publish(publisher, "t", "no room");
  talk.turn();
  EXPECT_EQ(talk.view().gateway.dropped_output_full, 1U);
  talk.say(subscriber, hex({0xc0, 0}));
  talk.turn();
  talk.say(subscriber, hex({0xc0, 0}));
  talk.turn();
  EXPECT_TRUE(talk.end(subscriber).to_server.empty()) << "it is read, though it has more pending than the new limits";
}

TEST(changed_limits, of_subscriptions_hold_at_once_and_take_nothing_away) {
  conversation talk;
  const auto client = talk.join("c");
  talk.subscribe(client, "a", 1);
  talk.subscribe(client, "b", 1);
  change(talk, [](base::limits& limits) { limits.max_subscriptions = 1; });
  talk.say(client, talk.subscribe_packet(client, "c", 1));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"suback #7 80"});
  talk.subscribe(client, "a", 0);
  EXPECT_EQ(talk.view().gateway.subscriptions, 2U);
}

TEST(changed_limits, of_the_time_to_connect_hold_for_who_comes_from_now_on) {
  conversation talk;
  const auto before = talk.open();
  talk.turn();
  change(talk, [](base::limits& limits) { limits.connect_timeout_s = 2; });
  const auto after = talk.open();
  talk.turn();
  talk.advance_s(4);
  EXPECT_TRUE(talk.is_open(before));
  EXPECT_FALSE(talk.is_open(after));
  talk.advance_s(8);
  EXPECT_FALSE(talk.is_open(before));
}

TEST(changed_limits, leave_alone_what_cannot_change) {
  conversation talk;
  change(talk, [](base::limits& limits) {
    limits.topic_entries = 7;
    limits.log_memory_bytes = 7;
    limits.max_clients = 7;
  });
  const auto& in_force = talk.worker.gateway().limits;
  EXPECT_EQ(in_force.topic_entries, base::limits{}.topic_entries);
  EXPECT_EQ(in_force.log_memory_bytes, base::limits{}.log_memory_bytes);
  EXPECT_EQ(in_force.max_clients, base::limits{}.max_clients);
}

}  // namespace headgate::worker::testing
