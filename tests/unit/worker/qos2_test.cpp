// QoS 2 (MQTT 5.0, 4.3.3).

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

struct pair_of_clients {
  conversation talk;
  std::uint32_t publisher = talk.join("p", mqtt::version::v5);
  std::uint32_t subscriber = talk.join("s", mqtt::version::v5);
  pair_of_clients() { talk.subscribe(subscriber, "t", 2); }
};

}  // namespace

TEST(qos2_in, takes_a_packet_id_once_until_its_pubrel) {
  pair_of_clients both;
  auto& talk = both.talk;
  talk.publish(both.publisher, "t", "one", 2, 5);
  talk.publish(both.publisher, "t", "one", 2, 5);
  talk.turn();
  // While the message is on its way into the log its PUBREC is still to come: one is enough.
  EXPECT_EQ(talk.hear(both.publisher), lines{"pubrec #5"});
  talk.publish(both.publisher, "t", "one", 2, 5);
  talk.say(both.publisher, conversation::pubrel(5));
  talk.turn();
  EXPECT_EQ(talk.hear(both.publisher), (lines{"pubrec #5", "pubcomp #5"}));
  EXPECT_EQ(talk.hear(both.subscriber), lines{"publish q2 #1 t one"});
  // [MQTT-4.3.3-12]
  talk.publish(both.publisher, "t", "two", 2, 5);
  talk.turn();
  EXPECT_EQ(talk.hear(both.subscriber), lines{"publish q2 #2 t two"});
}

TEST(qos2_in, names_an_unknown_packet_id_of_pubrel) {
  conversation talk;
  const auto modern = talk.join("a", mqtt::version::v5);
  const auto older = talk.join("b");
  for (const auto client : {modern, older}) talk.say(client, conversation::pubrel(9));
  talk.turn();
  EXPECT_EQ(talk.hear(modern), lines{"pubcomp #9 92"});
  EXPECT_EQ(talk.hear(older), lines{"pubcomp #9"});
}

TEST(qos2_in, remembers_the_packet_ids_of_a_session) {
  conversation talk({}, three_workers());
  const mqtt::connect keeping{.session_expiry_interval_s = 60};
  const auto subscriber = talk.join("s");
  talk.subscribe(subscriber, "t", 2);
  auto publisher = talk.come("p", keeping);
  talk.publish(publisher, "t", "x", 2, 5);
  talk.turn();
  talk.lose(publisher);
  publisher = talk.come("p", keeping, mqtt::version::v5, 2);
  talk.publish(publisher, "t", "x", 2, 5);
  talk.turn();
  EXPECT_EQ(talk.hear(publisher), (lines{"connack present 00", "pubrec #5"}));
  EXPECT_EQ(talk.take_payloads(subscriber), std::vector<std::string>{"x"});
}

// Who comes back for a session without asking to keep it any longer.
TEST(qos2_in, goes_on_in_a_session_that_ends_with_its_connection) {
  conversation talk;
  auto publisher = talk.come("p", {.session_expiry_interval_s = 60});
  talk.publish(publisher, "t", "x", 2, 1);
  talk.turn();
  EXPECT_EQ(talk.hear(publisher), (lines{"connack 00", "pubrec #1"}));
  talk.lose(publisher);
  publisher = talk.come("p", {});
  talk.publish(publisher, "t", "y", 2, 2);
  talk.turn();
  talk.say(publisher, conversation::pubrel(1) + conversation::pubrel(2));
  talk.turn();
  EXPECT_EQ(talk.hear(publisher), (lines{"connack present 00", "pubrec #2", "pubcomp #1", "pubcomp #2"}));
  EXPECT_EQ(talk.view().shard.exchanges, 0U);
  talk.lose(publisher);
}

// It does not wait for PUBREC as it should (4.3.3); PUBCOMP still comes behind that.
TEST(qos2_in, pubrel_that_comes_early_waits) {
  for (const std::uint32_t expiry_s : {0U, 60U}) {
    conversation talk;
    const auto subscriber = talk.join("s");
    talk.subscribe(subscriber, "t", 0);
    const auto publisher = talk.join("p", mqtt::version::v5, {.session_expiry_interval_s = expiry_s});
    for (int n = 0; n < 3; ++n) {
      talk.publish(publisher, "t", "x", 2, 1);
      talk.say(publisher, conversation::pubrel(1));
      talk.turn();
      EXPECT_EQ(talk.hear(publisher), (lines{"pubrec #1", "pubcomp #1"}));
    }
    EXPECT_EQ(talk.take_payloads(subscriber).size(), 3U);
    EXPECT_EQ(talk.view().shard.exchanges, 0U) << "what is finished is forgotten";
  }
}

// Each part of an exchange costs the shard nothing when it is over, however the session ends.
TEST(qos2_in, leaves_no_exchange_behind) {
  conversation talk({}, three_workers());
  const auto publisher = talk.come("p", {.session_expiry_interval_s = 60});
  for (std::uint16_t id = 1; id <= 20; ++id) talk.publish(publisher, "t/" + std::to_string(id), "x", 2, id);
  talk.turn();
  EXPECT_EQ(talk.view().shard.exchanges, 20U);
  for (int id = 1; id <= 10; ++id) talk.say(publisher, conversation::pubrel(id));
  talk.turn();
  EXPECT_EQ(talk.view().shard.exchanges, 10U);
  talk.lose(publisher);
  const auto again = talk.come("p", {}, mqtt::version::v5, 1);
  talk.say(again, conversation::pubrel(11));
  talk.turn();
  EXPECT_EQ(talk.view().shard.exchanges, 9U);
  talk.lose(again);
  EXPECT_EQ(talk.view().shard.exchanges, 0U);
}

// The store is asked before the log: so much of one client waits for it, and no more.
TEST(qos2_in, client_is_not_read_while_much_of_it_waits_for_the_store) {
  if (!completes_later()) GTEST_SKIP() << "nothing waits for this store";
  conversation talk;
  const auto publisher = talk.join("p", mqtt::version::v5, {.session_expiry_interval_s = 60});
  const std::string payload(200'000, 'x');
  for (std::uint16_t id = 1; id <= 20; ++id) talk.publish(publisher, "t", payload, 2, id);
  talk.turn_a_little();
  EXPECT_GT(talk.end(publisher).to_server.size(), 10 * payload.size());
  talk.turn();
  EXPECT_EQ(talk.hear(publisher).size(), 20U);
}

TEST(qos2_out, goes_through_all_steps) {
  pair_of_clients both;
  auto& talk = both.talk;
  talk.publish(both.publisher, "t", "x", 2, 1);
  talk.turn();
  EXPECT_EQ(talk.hear(both.subscriber), lines{"publish q2 #1 t x"});
  talk.say(both.subscriber, conversation::pubrec(1));
  talk.turn();
  EXPECT_EQ(talk.hear(both.subscriber), lines{"pubrel #1"});
  talk.say(both.subscriber, conversation::pubrec(1));
  talk.turn();
  EXPECT_EQ(talk.hear(both.subscriber), lines{"pubrel #1"});
  talk.say(both.subscriber, conversation::pubcomp(1) + conversation::pubrec(1));
  talk.turn();
  EXPECT_EQ(talk.hear(both.subscriber), lines{"pubrel #1 92"});
}

// [MQTT-4.4.0-2]
TEST(qos2_out, ends_with_a_pubrec_that_refuses_it) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 1});
  talk.subscribe(subscriber, "t", 2);
  talk.publish(publisher, "t", "1", 2, 1);
  talk.publish(publisher, "t", "2", 2, 2);
  talk.turn();
  EXPECT_EQ(talk.hear(subscriber), lines{"publish q2 #1 t 1"});
  talk.say(subscriber, hex({0x50, 3, 0, 1, 0x80}));
  talk.turn();
  EXPECT_EQ(talk.hear(subscriber), lines{"publish q2 #2 t 2"});
}

}  // namespace headgate::worker::testing
