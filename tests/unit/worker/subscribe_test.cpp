#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {
using payloads = std::vector<std::string>;

bool is_publish(const std::string& line) {
  return line.starts_with("publish");
}
}  // namespace

TEST(subscribe, begins_at_its_place_among_the_publishes_of_the_same_turn) {
  conversation talk;
  const auto client = talk.join("a");
  talk.publish(client, "t", "before", 1, 1);
  talk.say(client, talk.subscribe_packet(client, "t", 1));
  talk.publish(client, "t", "after", 1, 2);
  talk.turn();
  auto heard = talk.hear(client);
  lines messages;
  std::copy_if(heard.begin(), heard.end(), std::back_inserter(messages), is_publish);
  std::erase_if(heard, is_publish);
  // Their place among the answers is free; and what was not committed when the subscription began is delivered, too.
  if (completes_later() && messages.size() == 2) {
    EXPECT_EQ(messages, (lines{"publish q1 #1 t before", "publish q1 #2 t after"}));
  } else {
    EXPECT_EQ(messages, lines{"publish q1 #1 t after"});
  }
  // An acknowledgement waits for the commit, SUBACK does not.
  if (completes_later()) std::sort(heard.begin(), heard.end());
  EXPECT_EQ(heard, completes_later() ? (lines{"puback #1", "puback #2", "suback #7 01"})
                                     : (lines{"puback #1", "suback #7 01", "puback #2"}));
}

// What a client publishes behind its SUBSCRIBE finds the subscription, also where it waits for a shard that is slow and
// the message's own shard is not.
TEST(subscribe, to_several_shards_is_there_for_the_publishes_behind_it) {
  conversation talk({}, three_workers());
  const auto client = talk.join("a");
  talk.stop_worker(2);
  talk.say(client, talk.subscribe_packet(client, "#", 1));
  constexpr int topics = 12;
  for (int n = 1; n <= topics; ++n) {
    talk.publish(client, "t" + std::to_string(n), "x", 1, static_cast<std::uint16_t>(n));
  }
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{});
  talk.start_worker(2);
  talk.turn();
  const auto heard = talk.hear(client);
  EXPECT_EQ(std::count_if(heard.begin(), heard.end(), is_publish), topics);
}

// A group drops what is QoS 0 and finds no room: the shards know of the new member's before anything that it publishes.
TEST(subscribe, to_a_group_is_there_for_the_publishes_behind_it) {
  conversation talk({}, three_workers());
  for (const auto* filter : {"$share/g/#", "$share/h/one/topic"}) {
    const auto client = talk.join(filter);
    talk.say(client, talk.subscribe_packet(client, filter, 1));
    for (int n = 0; n < 3; ++n) talk.publish(client, "one/topic", "x");
    for (int n = 0; n < 6; ++n) talk.publish(client, std::to_string(n), "x");
    talk.turn();
    const auto heard = talk.hear(client);
    ASSERT_FALSE(heard.empty());
    EXPECT_EQ(heard.front(), "suback #7 01");
    const auto wanted = mqtt::matches(filter + 9, "0") ? 9 : 3;
    EXPECT_EQ(std::count_if(heard.begin(), heard.end(), is_publish), wanted);
    talk.lose(client);
  }
}

// Who comes in the place of a client that waited for shards does not wait for them.
TEST(subscribe, to_several_shards_ends_with_its_connection) {
  conversation talk({}, three_workers());
  talk.network.reuse_numbers = true;
  const auto older = talk.join("a");
  talk.stop_worker(2);
  talk.say(older, talk.subscribe_packet(older, "#", 1));
  talk.publish(older, "t", "x", 1, 1);
  talk.turn();
  talk.lose(older);
  talk.start_worker(2);
  talk.turn();
  const auto newer = talk.join("b");
  EXPECT_EQ(newer, older) << "the place is the same";
  talk.subscribe(newer, "#", 1);
  talk.publish(newer, "t", "y", 1, 1);
  talk.turn();
  const auto heard = talk.hear(newer);
  EXPECT_EQ(std::count(heard.begin(), heard.end(), "publish q1 #1 t y"), 1);
}

TEST(subscribe, to_several_shards_waits_in_a_bounded_number) {
  conversation talk({}, three_workers());
  const auto client = talk.join("a");
  talk.stop_worker(2);
  constexpr int many = 1000;
  for (int n = 0; n < many; ++n) talk.say(client, talk.subscribe_packet(client, "+/" + std::to_string(n), 1));
  talk.turn();
  EXPECT_EQ(talk.view().gateway.packets_in, 1U + base::most_subscribing);
  talk.start_worker(2);
  talk.turn();
  EXPECT_EQ(talk.hear(client).size(), std::size_t{many});
}

TEST(subscribe, again_changes_the_qos_and_keeps_one_subscription) {
  conversation talk;
  const auto client = talk.join("a");
  talk.subscribe(client, "t", 0);
  talk.subscribe(client, "t", 1);
  talk.publish(client, "t", "x", 1);
  talk.turn();
  EXPECT_EQ(talk.take(client), conversation::publish_packet("t", "x", 1, 1) + conversation::puback(1));
}

TEST(subscribe, over_the_limit_of_filters_is_refused) {
  base::limits limits;
  limits.max_subscriptions = 2;
  conversation talk(limits);
  const auto client = talk.join("a");
  talk.subscribe(client, "1", 0);
  talk.subscribe(client, "2", 0);
  talk.say(client, talk.subscribe_packet(client, "3", 0));
  talk.turn();
  EXPECT_EQ(talk.take(client), hex({0x90, 3, 0, 7, 0x80}));
}

TEST(unsubscribe, ends_deliveries_and_says_what_was_not_there) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5);
  talk.subscribe(client, "t", 0);
  talk.say(client, hex({0xa2, 9, 0, 5, 0, 0, 1, 't', 0, 1, 'u'}));
  talk.publish(client, "t", "x");
  talk.turn();
  EXPECT_EQ(talk.take(client), hex({0xb0, 5, 0, 5, 0, 0, 0x11}));
  EXPECT_EQ(talk.view().gateway.filters, 0U);
  EXPECT_EQ(talk.view().shard.topics, 0U);
}

TEST(unsubscribe, of_one_client_leaves_the_others) {
  conversation talk;
  std::vector<std::uint32_t> clients;
  for (int n = 0; n < 5; ++n) {
    clients.push_back(talk.join("c" + std::to_string(n)));
    talk.subscribe(clients.back(), "t", 0);
  }
  talk.say(clients[1], hex({0xa2, 5, 0, 5, 0, 1, 't'}));
  talk.say(clients[3], hex({0xe0, 0}));
  talk.turn();
  EXPECT_EQ(talk.take(clients[1]), hex({0xb0, 2, 0, 5}));
  talk.publish(clients[0], "t", "x");
  talk.turn();
  EXPECT_EQ(talk.take_payloads(clients[0]), payloads{"x"});
  EXPECT_EQ(talk.take_payloads(clients[1]), payloads{});
  EXPECT_EQ(talk.take_payloads(clients[2]), payloads{"x"});
  EXPECT_EQ(talk.take_payloads(clients[4]), payloads{"x"});
}

// A filter's number is used again only after the shard forgot it, so no message of the old one reaches the new one's
// clients.
TEST(filter_numbers, survive_churn_within_a_turn) {
  conversation talk;
  const auto client = talk.join("a");
  const auto unsubscribe = [](char topic) { return hex({0xa2, 5, 0, 5, 0, 1, topic}); };
  for (int round = 0; round < 100; ++round) {
    talk.say(client, talk.subscribe_packet(client, "t", 0));
    talk.publish(client, "t", "x");
    talk.say(client, unsubscribe('t'));
    talk.say(client, talk.subscribe_packet(client, "u", 0));
    talk.publish(client, "t", "no");
    talk.publish(client, "u", "y");
    talk.say(client, unsubscribe('u'));
    talk.turn();
    const auto got = talk.take(client);
    EXPECT_EQ(got.find("no"), std::string::npos);
  }
  EXPECT_EQ(talk.view().gateway.filters, 0U);
}

TEST(wildcards, are_matched_and_their_cached_result_follows_changes) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto plus = talk.join("plus");
  const auto hash = talk.join("hash");
  talk.subscribe(plus, "a/+/c", 0);
  const auto publish = [&](std::string_view topic) {
    talk.publish(publisher, topic, topic);
    talk.turn();
  };
  publish("a/b/c");
  publish("a/b/d");
  talk.subscribe(hash, "#", 0);
  publish("a/b/c");
  publish("$SYS/x");
  EXPECT_EQ(talk.take_payloads(plus), (payloads{"a/b/c", "a/b/c"}));
  EXPECT_EQ(talk.take_payloads(hash), payloads{"a/b/c"});
  talk.say(plus, hex({0xe0, 0}));
  publish("a/b/c");
  EXPECT_EQ(talk.take_payloads(plus), payloads{});
  EXPECT_EQ(talk.take_payloads(hash), payloads{"a/b/c"});
}

// [MQTT-3.1.2-24]: what is owed and does not fit ends the connection.
TEST(subscribe, whose_answer_is_larger_than_the_client_takes_ends_its_connection) {
  conversation talk;
  const auto client = talk.join("a", mqtt::version::v5, {.maximum_packet_size = 20});
  mqtt::subscribe packet;
  packet.packet_id = 7;
  packet.subscriptions.resize(20, {"t", mqtt::qos::at_least_once, false, false, 0});
  talk.say(client, encoded(packet, mqtt::version::v5));
  talk.turn();
  EXPECT_EQ(talk.hear(client), lines{"disconnect 95"});
  EXPECT_FALSE(talk.is_open(client));
}

}  // namespace headgate::worker::testing
