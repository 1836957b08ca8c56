#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

constexpr std::uint16_t stopped_worker = 1;

// A topic whose shard is with the worker that will have no turns: one that is not answered while it stands still.
std::string topic_of(conversation& talk, std::uint32_t client) {
  for (int n = 0;; ++n) {
    const auto topic = "t" + std::to_string(n);
    talk.stop_worker(stopped_worker);
    talk.publish(client, topic, "x", 1, 1);
    talk.turn();
    const bool answered = !talk.hear(client).empty();
    talk.start_worker(stopped_worker);
    talk.turn();
    talk.take(client);
    if (!answered) return topic;
  }
}

}  // namespace

// [3.1.1 MQTT-4.8.0-2] A client whose messages the server cannot take over for the time being (a shard does not answer,
// and as many wait as may) is disconnected in the end; others go on, and so does a client that comes with it later.
TEST(mqtt3_4_8_errors, transient_error_ends_the_connection_that_met_it) {
  for (const auto version : {mqtt::version::v3_1_1, mqtt::version::v5}) {
    base::limits limits;
    limits.inflight_in = 10;
    conversation talk(limits, three_workers());
    const auto client = talk.join("a", version);
    const auto other = talk.join("b", version);
    const auto topic = topic_of(talk, client);
    talk.stop_worker(stopped_worker);
    for (int n = 1; n <= 10; ++n) talk.publish(client, topic, "x", 1, static_cast<std::uint16_t>(n));
    talk.turn();
    EXPECT_TRUE(talk.is_open(client));
    talk.advance_s(base::publish_blocked_limit_s - 1);
    EXPECT_TRUE(talk.is_open(client)) << "it is given the time to pass";
    talk.advance_s(2);
    EXPECT_FALSE(talk.is_open(client));
    EXPECT_EQ(talk.hear(client), version == mqtt::version::v5 ? lines{"disconnect 97"} : lines{});
    EXPECT_TRUE(talk.is_open(other));
    talk.start_worker(stopped_worker);
    talk.turn();
    const auto again = talk.join("a", version);
    talk.publish(again, topic, "x", 1, 1);
    talk.turn();
    EXPECT_EQ(talk.hear(again), lines{"puback #1"});
  }
}

}  // namespace headgate::worker::testing
