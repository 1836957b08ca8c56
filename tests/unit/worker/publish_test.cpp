#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {
using payloads = std::vector<std::string>;
}

TEST(publish, at_qos_1_is_delivered_and_acknowledged_in_one_turn) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s");
  talk.subscribe(subscriber, "a/b", 1);
  talk.publish(publisher, "a/b", "hello", 1, 77);
  talk.turn_once();
  EXPECT_EQ(talk.take(publisher), conversation::puback(77));
  const auto got = talk.take_publishes(subscriber);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].topic, "a/b");
  EXPECT_EQ(got[0].payload, "hello");
  EXPECT_EQ(got[0].qos, 1);
  EXPECT_EQ(got[0].packet_id, 1);
}

TEST(publish, goes_out_at_the_lower_of_both_qos) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto zero = talk.join("zero");
  const auto one = talk.join("one");
  const auto two = talk.join("two");
  talk.subscribe(zero, "t", 0);
  talk.subscribe(one, "t", 1);
  talk.subscribe(two, "t", 2);
  talk.publish(publisher, "t", "a", 0);
  talk.publish(publisher, "t", "b", 1, 1);
  talk.publish(publisher, "t", "c", 2, 2);
  talk.turn();
  const auto qos_of = [&](std::uint32_t client) {
    std::vector<int> all;
    for (const auto& publish : talk.take_publishes(client)) all.push_back(publish.qos);
    return all;
  };
  EXPECT_EQ(qos_of(zero), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(qos_of(one), (std::vector<int>{0, 1, 1}));
  EXPECT_EQ(qos_of(two), (std::vector<int>{0, 1, 2}));
}

TEST(publish, keeps_the_order_across_qos_and_turns) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s");
  talk.subscribe(subscriber, "#", 1);
  payloads sent;
  for (int n = 0; n < 200; ++n) {
    sent.push_back(std::to_string(n));
    talk.publish(publisher, "t/" + std::to_string(n % 7), sent.back(), n % 3 == 0 ? 0 : 1,
                 static_cast<std::uint16_t>(n + 1));
    if (n % 11 == 0) talk.turn();
  }
  talk.turn();
  EXPECT_EQ(talk.take_payloads(subscriber), sent);
}

// 3.1.1 [MQTT-3.3.5-1]
TEST(publish, matching_several_filters_of_a_client_comes_once_at_the_best_qos) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s");
  talk.subscribe(subscriber, "a/+", 0);
  talk.subscribe(subscriber, "a/b", 1);
  talk.subscribe(subscriber, "#", 0);
  talk.publish(publisher, "a/b", "x", 1);
  talk.turn();
  const auto got = talk.take_publishes(subscriber);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].qos, 1);
}

// [MQTT-3.8.3-3]
TEST(publish, with_no_local_does_not_come_back) {
  conversation talk;
  const auto self = talk.join("self", mqtt::version::v5);
  const auto other = talk.join("other", mqtt::version::v5);
  talk.subscribe(self, "t", 1, true);
  talk.publish(self, "t", "mine");
  talk.publish(other, "t", "yours");
  talk.turn();
  EXPECT_EQ(talk.take_payloads(self), payloads{"yours"});
}

// [MQTT-3.3.2-4, -15, -16, -17, -18, -20]
TEST(publish, passes_properties_on_unchanged_and_drops_them_for_3_1_1) {
  conversation talk;
  const auto publisher = talk.join("p", mqtt::version::v5);
  const auto modern = talk.join("m", mqtt::version::v5);
  const auto older = talk.join("o");
  talk.subscribe(modern, "t", 0);
  talk.subscribe(older, "t", 0);
  const auto user = hex({0x26, 0, 1, 'k', 0, 1, 'v'});
  const auto rest = hex({0x01, 1, 0x03, 0, 2, 't', 'y', 0x08, 0, 1, 'r', 0x09, 0, 2, 0, 255});
  const auto expiry = hex({0x02, 0, 0, 0, 30});
  talk.say(publisher, conversation::publish_packet("t", "x", 0, 0, mqtt::version::v5, user + expiry + rest + user));
  talk.turn();
  const auto got = talk.take_publishes(modern);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].expiry_s, 30U);
  EXPECT_NE(got[0].properties.find(user + rest + user), std::string::npos);
  EXPECT_EQ(got[0].properties.size(), user.size() * 2 + rest.size() + expiry.size());
  EXPECT_EQ(talk.take(older), conversation::publish_packet("t", "x"));
}

TEST(publish, of_any_size_arrives_whole) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s");
  const auto second = talk.join("s2");
  talk.subscribe(subscriber, "t", 1);
  talk.subscribe(second, "t", 0);
  payloads sent;
  for (const std::size_t size : {0, 1, 2047, 2048, 2049, 65'000, 70'000, 300'000, 1'000'000}) {
    sent.emplace_back(size, static_cast<char>('a' + sent.size()));
    talk.publish(publisher, "t", sent.back(), 1, static_cast<std::uint16_t>(sent.size()));
    talk.turn();
  }
  talk.turn();
  EXPECT_EQ(talk.take_payloads(subscriber), sent);
  EXPECT_EQ(talk.take_payloads(second), sent);
}

// [MQTT-3.1.2-24, -25]
TEST(publish, larger_than_the_client_takes_is_left_out) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5, {.maximum_packet_size = 100});
  talk.subscribe(subscriber, "t", 1);
  for (const int qos : {0, 1}) {
    talk.publish(publisher, "t", std::string(200, 'x'), qos);
    talk.publish(publisher, "t", "small", qos);
  }
  talk.turn();
  EXPECT_EQ(talk.take_payloads(subscriber), (payloads{"small", "small"}));
  EXPECT_EQ(talk.view().gateway.dropped_too_large, 2U);
}

TEST(publish, over_the_packet_limit_is_refused_before_it_has_come) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5);
  talk.say(client, hex({0x30, 0xff, 0xff, 0x7f}));
  talk.turn();
  EXPECT_EQ(talk.take(client).substr(2, 1), "\x95");
  EXPECT_FALSE(talk.is_open(client));
}

TEST(publish, of_a_client_that_is_gone_is_delivered_and_not_acknowledged) {
  conversation talk;
  const auto subscriber = talk.join("s");
  talk.subscribe(subscriber, "t", 1);
  const auto publisher = talk.join("p");
  talk.publish(publisher, "t", "last words", 1);
  talk.say(publisher, hex({0xe0, 0}));
  talk.turn();
  EXPECT_EQ(talk.take_payloads(subscriber), payloads{"last words"});
  EXPECT_EQ(talk.take(publisher), "");
}

TEST(fan_out, encodes_qos_0_once_for_all) {
  conversation talk;
  const auto publisher = talk.join("p");
  std::vector<std::uint32_t> subscribers;
  for (int n = 0; n < 50; ++n) {
    subscribers.push_back(talk.join("s" + std::to_string(n)));
    talk.subscribe(subscribers.back(), "t", 0);
  }
  const auto before = talk.view().gateway.encodings;
  for (int n = 0; n < 20; ++n) talk.publish(publisher, "t", std::to_string(n));
  talk.turn();
  EXPECT_EQ(talk.view().gateway.encodings - before, 20U);
  for (const auto subscriber : subscribers) {
    EXPECT_EQ(talk.network[subscriber].sends, 3U) << "CONNACK, SUBACK, and all 20 messages in one";
    EXPECT_EQ(talk.take_payloads(subscriber).size(), 20U);
  }
}

TEST(acknowledgement, of_what_was_never_sent_changes_nothing) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5);
  talk.say(client, conversation::puback(9) + conversation::pubcomp(9));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{});
  EXPECT_TRUE(talk.is_open(client));
  EXPECT_EQ(talk.view().gateway.acknowledgements_unknown, 2U);
}

}  // namespace headgate::worker::testing
