// Wills (MQTT 5.0, 3.1.2.5, 3.1.3.2).

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

struct will_watch {
  conversation talk{{}, three_workers()};
  std::uint32_t watcher = talk.join("watcher");
  will_watch() { talk.subscribe(watcher, "will", 1); }

  std::uint32_t come(std::uint32_t delay_s, std::uint32_t expiry_s, bool clean_start = false,
                     std::uint16_t worker = 1) {
    mqtt::connect packet{.clean_start = clean_start, .session_expiry_interval_s = expiry_s};
    packet.will.emplace();
    packet.will->topic = "will";
    packet.will->payload = base::as_bytes(std::string_view("gone"));
    packet.will->delay_interval_s = delay_s;
    const auto client = talk.come("a", packet, mqtt::version::v5, worker);
    talk.hear(client);
    return client;
  }
  std::size_t count() { return talk.hear(watcher).size(); }
};

}  // namespace

TEST(will, is_sent_when_the_connection_breaks) {
  will_watch watch;
  watch.talk.lose(watch.come(0, 0));
  EXPECT_EQ(watch.talk.hear(watch.watcher), lines{"publish q0 will gone"});
}

TEST(will, is_sent_on_a_protocol_error_and_on_disconnect_with_0x04_and_not_on_0x00) {
  will_watch watch;
  for (const auto& [bytes, sent] :
       {std::pair{hex({0xf0, 0}), 1U}, {hex({0xe0, 1, 0x04}), 1U}, {hex({0xe0, 0}), 0U}, {hex({0xe0, 1, 0}), 0U}}) {
    watch.talk.say(watch.come(0, 0), bytes);
    watch.talk.turn();
    EXPECT_EQ(watch.count(), sent);
  }
}

// [MQTT-3.1.3-9]
TEST(will, with_a_delay_waits_and_is_cancelled_by_the_clients_return) {
  will_watch watch;
  auto& talk = watch.talk;
  talk.lose(watch.come(10, 100));
  talk.advance_s(9);
  EXPECT_EQ(watch.count(), 0U);
  const auto client = watch.come(10, 100, false, 2);
  talk.advance_s(20);
  EXPECT_EQ(watch.count(), 0U);
  talk.lose(client);
  talk.advance_s(12);
  EXPECT_EQ(watch.count(), 1U);
  talk.advance_s(200);
  EXPECT_EQ(watch.count(), 0U) << "once";
}

TEST(will, with_a_delay_waits_on_when_its_client_comes_and_has_gone_before_it_heard_that_it_is_back) {
  if (!completes_later()) GTEST_SKIP() << "nothing happens while it connects";
  will_watch watch;
  auto& talk = watch.talk;
  talk.lose(watch.come(10, 100));
  talk.advance_s(4);
  const auto client = talk.open(2);
  talk.say_connect(client, "a", mqtt::version::v5, {.session_expiry_interval_s = 100});
  talk.turn_a_little();
  talk.lose(client);
  talk.advance_s(4);
  EXPECT_EQ(watch.count(), 0U);
  talk.advance_s(4);
  EXPECT_EQ(watch.count(), 1U);
}

TEST(will, with_a_delay_is_sent_when_the_session_ends_before) {
  will_watch watch;
  watch.talk.lose(watch.come(100, 10));
  watch.talk.advance_s(12);
  EXPECT_EQ(watch.count(), 1U);
}

TEST(will, with_a_delay_is_sent_when_clean_start_ends_its_session) {
  will_watch watch;
  watch.talk.lose(watch.come(100, 1000));
  EXPECT_EQ(watch.count(), 0U);
  watch.come(100, 1000, true, 0);
  EXPECT_EQ(watch.count(), 1U);
}

TEST(will, is_sent_when_another_connection_takes_over) {
  will_watch watch;
  watch.come(0, 100);
  watch.come(0, 100, false, 2);
  EXPECT_EQ(watch.count(), 1U);
}

}  // namespace headgate::worker::testing
