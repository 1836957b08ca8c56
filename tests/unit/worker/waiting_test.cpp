// The three stages of a session whose window is full: references wait, then it reads the log, then it is live again.

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

// Publishes numbers at QoS 1 to "t".
struct counting_publisher {
  conversation& talk;
  std::uint32_t client = talk.join("p");
  int sent = 0;

  void publish(int count) {
    for (; count > 0; --count, ++sent) {
      talk.publish(client, "t", std::to_string(sent), 1, static_cast<std::uint16_t>(1 + sent % 60'000));
      if (sent % 500 == 0) talk.turn();
    }
    talk.turn();
    talk.take(client);
  }
};

std::vector<std::string> take_all(conversation& talk, std::uint32_t client) {
  std::vector<std::string> got;
  for (;;) {
    const auto publishes = talk.take_publishes(client);
    if (publishes.empty()) return got;
    for (const auto& publish : publishes) got.push_back(publish.payload);
    talk.acknowledge(client, publishes);
    talk.turn();
  }
}

std::vector<std::string> numbers(int end) {
  std::vector<std::string> all;
  for (int n = 0; n < end; ++n) all.push_back(std::to_string(n));
  return all;
}

}  // namespace

TEST(waiting, then_reading_then_live_loses_and_repeats_nothing) {
  conversation talk({}, three_workers());
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 50}, 1);
  talk.subscribe(subscriber, "t", 1);
  counting_publisher publisher{talk};
  publisher.publish(100);
  EXPECT_EQ(talk.view().gateway.waiting, 1U);
  EXPECT_EQ(talk.view().gateway.catching_up, 0U);
  publisher.publish(static_cast<int>(base::max_waiting) + 500);
  EXPECT_EQ(talk.view().gateway.catching_up, 1U);
  // A filter that begins now gets nothing from before.
  talk.publish(publisher.client, "u", "before", 1, 65'000);
  talk.turn();
  talk.say(subscriber, talk.subscribe_packet(subscriber, "u", 1));
  talk.turn();
  auto& text = talk.end(subscriber).to_client;
  ASSERT_EQ(text.substr(text.size() - 6), hex({0x90, 4, 0, 7, 0, 1}));
  text.resize(text.size() - 6);
  EXPECT_EQ(take_all(talk, subscriber), numbers(publisher.sent));
  publisher.publish(1);
  EXPECT_EQ(talk.take_payloads(subscriber), std::vector<std::string>{std::to_string(publisher.sent - 1)}) << "live";
}

// The tail keeps so many bytes for those who wait; who waited for what is gone reads it from the log.
TEST(waiting, for_what_the_tail_no_longer_has_reads_the_log) {
  base::limits limits;
  limits.log_memory_bytes = 2 * base::tail_bytes;
  conversation talk(limits);
  const auto subscriber = talk.join("s", mqtt::version::v5, {.receive_maximum = 1});
  talk.subscribe(subscriber, "t", 1);
  const auto publisher = talk.join("p");
  constexpr int messages = 80;
  for (int n = 0; n < messages; ++n) {
    talk.publish(publisher, "t", std::to_string(n) + std::string(1'000'000, ' '), 1, static_cast<std::uint16_t>(n + 1));
    talk.turn();
  }
  std::vector<int> got;
  for (const auto& payload : take_all(talk, subscriber)) got.push_back(std::stoi(payload));
  ASSERT_EQ(got.size(), std::size_t{messages});
  for (int n = 0; n < messages; ++n) EXPECT_EQ(got[n], n);
  EXPECT_EQ(talk.view().gateway.catching_up, 1U);
}

TEST(subscription, is_raised_from_qos_0_and_lowered_again) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto subscriber = talk.join("s", mqtt::version::v5);
  for (const int qos : {0, 1, 2, 0, 1}) {
    talk.subscribe(subscriber, "t", qos);
    talk.publish(publisher, "t", "x", 2, static_cast<std::uint16_t>(10 + qos));
    talk.say(publisher, conversation::pubrel(10 + qos));
    talk.turn();
    const auto got = talk.take_publishes(subscriber);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].qos, qos);
  }
}

// The standard lets a message that was sent before expire or not; its packet id is to be completed either way, so it is
// sent again, with no time left.
TEST(expiry, of_a_message_to_be_sent_again_and_of_one_that_waited_in_the_log) {
  conversation talk;
  const mqtt::connect keeping{.session_expiry_interval_s = 600};
  const auto publisher = talk.join("p", mqtt::version::v5);
  auto client = talk.come("s", keeping);
  talk.hear(client);
  talk.subscribe(client, "t", 1);
  const auto publish = [&](std::string_view payload, std::uint16_t packet_id) {
    talk.say(publisher,
             conversation::publish_packet("t", payload, 1, packet_id, mqtt::version::v5, hex({0x02, 0, 0, 0, 30})));
    talk.turn();
  };
  publish("sent", 1);
  talk.lose(client);
  publish("waited", 2);
  talk.advance_s(40);
  client = talk.come("s", keeping);
  EXPECT_EQ(talk.hear(client), (lines{"connack present 00", "publish q1 #1 dup t sent"}));
  EXPECT_EQ(talk.view().gateway.dropped_expired, 1U);
}

}  // namespace headgate::worker::testing
