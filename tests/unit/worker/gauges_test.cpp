// What a worker counts of what is so now comes back to nothing when all has gone. That each gauge agrees with a scan of
// the sessions is checked after every turn of every conversation.

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

TEST(gauges, of_subscriptions_follow_them) {
  conversation talk;
  const auto client = talk.join("c", mqtt::version::v5);
  talk.subscribe(client, "a", 1);
  talk.subscribe(client, "b/#", 0);
  talk.subscribe(client, "b/#", 2);
  talk.subscribe(client, "$share/g/a", 1);
  EXPECT_EQ(talk.view().gateway.subscriptions, 3U);
  EXPECT_EQ(talk.view().gateway.shared_subscriptions, 1U);
  talk.say(client, talk.unsubscribe_packet(client, "a"));
  talk.say(client, talk.unsubscribe_packet(client, "$share/g/a"));
  talk.turn();
  EXPECT_EQ(talk.view().gateway.subscriptions, 1U);
  EXPECT_EQ(talk.view().gateway.shared_subscriptions, 0U);
  talk.subscribe(talk.join("d", mqtt::version::v5), "$share/g/a", 1);
  talk.lose(client);
  EXPECT_EQ(talk.view().gateway.subscriptions, 1U);
  EXPECT_EQ(talk.view().gateway.shared_subscriptions, 1U);
}

TEST(gauges, of_output_end_with_the_connection) {
  conversation talk;
  const auto publisher = talk.join("p");
  for (const bool says_goodbye : {false, true}) {
    const auto subscriber = talk.join("s");
    talk.subscribe(subscriber, "t", 0);
    talk.end(subscriber).takes = 3;
    talk.publish(publisher, "t", "some bytes");
    talk.turn();
    EXPECT_EQ(talk.view().gateway.output_pending_bytes, talk.end(subscriber).pending.size());
    EXPECT_GT(talk.view().gateway.output_pending_bytes, 0U);
    if (says_goodbye) {
      talk.say(subscriber, hex({0xe0, 0}));
      talk.turn();
    } else {
      talk.lose(subscriber);
    }
    EXPECT_EQ(talk.view().gateway.output_pending_bytes, 0U);
  }
}

TEST(gauges, of_output_follow_what_the_socket_takes) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s");
  talk.subscribe(subscriber, "t", 0);
  talk.end(subscriber).takes = 3;
  talk.publish(publisher, "t", "some bytes");
  talk.turn();
  talk.end(subscriber).takes = ~std::size_t{0};
  talk.turn();
  EXPECT_EQ(talk.view().gateway.output_pending_bytes, 0U);
  EXPECT_EQ(talk.take_payloads(subscriber), std::vector<std::string>{"some bytes"});
}

TEST(gauges, of_sessions_that_wait_and_of_those_behind_end_when_all_is_sent) {
  for (const bool is_lost : {false, true}) {
    conversation talk;
    const auto publisher = talk.join("p");
    const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 100});
    talk.subscribe(subscriber, "t", 1);
    const auto messages = static_cast<std::uint16_t>(base::max_waiting + 300);
    for (std::uint16_t n = 1; n <= messages; ++n) {
      talk.publish(publisher, "t", "message", 1, n);
      if (n % 500 == 0) talk.turn();
    }
    talk.turn();
    EXPECT_EQ(talk.view().gateway.sessions_waiting, 1U);
    EXPECT_EQ(talk.view().gateway.sessions_behind, 1U);
    EXPECT_GT(talk.view().gateway.tail_bytes, 0U);
    if (is_lost) talk.lose(subscriber);
    for (std::size_t got = 0; !is_lost && got < messages;) {
      const auto publishes = talk.take_publishes(subscriber);
      ASSERT_FALSE(publishes.empty());
      got += publishes.size();
      talk.acknowledge(subscriber, publishes);
      talk.turn();
    }
    const auto view = talk.view().gateway;
    EXPECT_EQ(view.sessions_waiting, 0U);
    EXPECT_EQ(view.sessions_behind, 0U);
    EXPECT_EQ(view.tail_bytes, 0U);
    EXPECT_EQ(view.publishes_unacknowledged, 0U);
  }
}

TEST(gauges, of_connects_count_those_that_wait_for_a_holder) {
  conversation talk({}, {2, {1}});
  const auto holder = talk.join("c", mqtt::version::v5, {}, 1);
  talk.stop_worker(1);
  const auto client = talk.come("c", {});
  EXPECT_EQ(talk.view().gateway.connects_pending, 1U);
  talk.start_worker(1);
  talk.turn();
  EXPECT_EQ(talk.view().gateway.connects_pending, 0U);
  EXPECT_TRUE(talk.is_open(client));
  EXPECT_FALSE(talk.is_open(holder));
}

TEST(gauges, of_subscribes_count_those_that_wait_for_a_shard) {
  conversation talk({}, {2, {1}});
  const auto client = talk.join("c", mqtt::version::v3_1_1, {}, 1);
  talk.stop_worker(0);
  talk.say(client, talk.subscribe_packet(client, "t", 1));
  talk.turn();
  EXPECT_EQ(talk.view().gateway.subscribes_pending, 1U);
  EXPECT_EQ(talk.view().gateway.subscriptions, 1U);
  talk.start_worker(0);
  talk.turn();
  EXPECT_EQ(talk.view().gateway.subscribes_pending, 0U);
}

TEST(gauges, of_parcels_count_those_whose_ring_is_full) {
  conversation talk({}, {2, {1}});
  const auto publisher = talk.join("p", mqtt::version::v3_1_1, {}, 1);
  talk.stop_worker(0);
  for (std::size_t n = 0; n <= handover::parcels_under_way; ++n) {
    talk.publish(publisher, "t", "message");
    talk.turn();
  }
  EXPECT_EQ(talk.view().parcels_waiting, 1U);
  talk.start_worker(0);
  talk.turn();
  EXPECT_EQ(talk.view().parcels_waiting, 0U);
}

TEST(gauges, of_the_store_tell_held_sessions_from_kept_ones) {
  conversation talk;
  mqtt::connect lasting;
  lasting.session_expiry_interval_s = 10;
  const auto kept = talk.join("kept", mqtt::version::v5, lasting);
  const auto gone = talk.join("gone");
  EXPECT_EQ(talk.view().store.held, 2U);
  talk.lose(kept);
  talk.lose(gone);
  EXPECT_EQ(talk.view().store.held, 0U);
  EXPECT_EQ(talk.view().store.kept, 1U);
  talk.advance_s(11);
  EXPECT_EQ(talk.view().store.kept, 0U);
}

TEST(counters, of_packets_and_payloads_agree_with_what_went_over_the_wire) {
  conversation talk;
  mqtt::connect lasting;
  lasting.session_expiry_interval_s = 10;
  const auto subscriber = talk.join("s", mqtt::version::v5, lasting);
  const auto publisher = talk.join("p");
  talk.subscribe(subscriber, "t", 1);
  talk.publish(publisher, "t", "12345", 1);
  talk.publish(publisher, "t", "678");
  talk.say(publisher, hex({0xc0, 0}));
  talk.turn();
  const auto view = talk.view().gateway;
  // In: 2 CONNECT, SUBSCRIBE, 2 PUBLISH, PINGREQ. Out: 2 CONNACK, SUBACK, 2 PUBLISH, PUBACK, PINGRESP.
  EXPECT_EQ(view.packets_in, 6U);
  EXPECT_EQ(view.packets_out, 7U);
  EXPECT_EQ(view.publish_bytes_in, 8U);
  EXPECT_EQ(view.publish_bytes_out, 8U);
}

}  // namespace headgate::worker::testing
