// The will of MQTT 5 and its delay (3.1.2.5, 3.1.3.2.2), with one worker and with three.

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

constexpr std::uint32_t for_ever = 0xffff'ffff;

struct stage {
  explicit stage(const fleet& fleet) : talk({}, fleet), others(fleet.workers > 1 ? 1 : 0) {
    talk.subscribe(watcher, "will", 1);
  }

  // On another worker than the watcher, if there is one; the session goes on unless `clean_start`.
  std::uint32_t come(std::uint32_t delay_s, std::uint32_t expiry_s, bool clean_start = false) {
    mqtt::connect packet{.clean_start = clean_start, .session_expiry_interval_s = expiry_s};
    packet.will.emplace();
    packet.will->topic = "will";
    packet.will->payload = base::as_bytes(std::string_view("gone"));
    packet.will->delay_interval_s = delay_s;
    return talk.come("a", packet, mqtt::version::v5, others);
  }
  // Without a will of its own, on the watcher's worker.
  std::uint32_t come_back(std::uint32_t expiry_s, bool clean_start = false) {
    return talk.come("a", {.clean_start = clean_start, .session_expiry_interval_s = expiry_s});
  }
  std::size_t wills() {
    const auto heard = talk.hear(watcher);
    for (const auto& line : heard) EXPECT_EQ(line, "publish q0 will gone");
    return heard.size();
  }

  conversation talk;
  std::uint16_t others;
  std::uint32_t watcher = talk.join("watcher");
};

const fleet fleets[] = {{}, three_workers()};

// [5.0 MQTT-3.1.2-7] [5.0 MQTT-3.1.2-8] Stored with the session, it goes out when the delay is over, and not before.
TEST(mqtt5_3_1_2_will_delay, the_will_goes_out_when_the_delay_is_over) {
  for (const auto& fleet : fleets) {
    stage on(fleet);
    on.talk.lose(on.come(10, 100));
    on.talk.advance_s(9);
    EXPECT_EQ(on.wills(), 0U);
    on.talk.advance_s(2);
    EXPECT_EQ(on.wills(), 1U);
  }
}

// [5.0 MQTT-3.1.2-8] Or when the session ends, if that is earlier.
TEST(mqtt5_3_1_2_will_delay, the_will_goes_out_when_the_session_ends) {
  for (const auto& fleet : fleets) {
    stage on(fleet);
    on.talk.lose(on.come(1000, 10));
    on.talk.advance_s(9);
    EXPECT_EQ(on.wills(), 0U);
    on.talk.advance_s(2);
    EXPECT_EQ(on.wills(), 1U);
  }
}

// [5.0 MQTT-3.1.2-8] A session that expires with its connection has no time to wait.
TEST(mqtt5_3_1_2_will_delay, with_session_expiry_0_the_will_goes_out_at_once) {
  for (const auto& fleet : fleets) {
    stage on(fleet);
    on.talk.lose(on.come(1000, 0));
    EXPECT_EQ(on.wills(), 1U);
    on.talk.advance_s(2000);
    EXPECT_EQ(on.wills(), 0U);
  }
}

// [5.0 MQTT-3.1.2-8] DISCONNECT with a Session Expiry Interval of 0 and reason 0x04 ends both at once.
TEST(mqtt5_3_1_2_will_delay, disconnect_that_ends_the_session_sends_the_will_at_once) {
  for (const auto& fleet : fleets) {
    stage on(fleet);
    on.talk.say(on.come(1000, 1000), hex({0xe0, 7, 0x04, 5, 0x11, 0, 0, 0, 0}));
    on.talk.turn();
    EXPECT_EQ(on.wills(), 1U);
  }
}

// [5.0 MQTT-3.1.3-9] [5.0 MQTT-3.1.2-8] Whoever comes back to his session in time has not died.
TEST(mqtt5_3_1_2_will_delay, the_will_does_not_go_out_if_its_client_comes_back_in_time) {
  for (const auto& fleet : fleets) {
    stage on(fleet);
    on.talk.lose(on.come(10, for_ever));
    on.talk.advance_s(9);
    const auto client = on.come_back(for_ever);
    EXPECT_EQ(on.talk.hear(client), lines{"connack present 00"});
    on.talk.advance_s(100);
    EXPECT_EQ(on.wills(), 0U);
    on.talk.lose(client);
    on.talk.advance_s(100);
    EXPECT_EQ(on.wills(), 0U) << "the new connection has no will";
  }
}

// [5.0 MQTT-3.1.3-9] Nor if the other connection takes the session over from the one that is still there.
TEST(mqtt5_3_1_2_will_delay, the_will_does_not_go_out_if_the_session_is_taken_over_and_goes_on) {
  for (const auto& fleet : fleets) {
    stage on(fleet);
    const auto older = on.come(10, 100);
    const auto newer = on.come_back(100);
    EXPECT_EQ(on.talk.hear(newer), lines{"connack present 00"});
    EXPECT_EQ(on.talk.hear(older), (lines{"connack 00", "disconnect 8e"}));
    on.talk.advance_s(50);
    EXPECT_EQ(on.wills(), 0U);
  }
}

// [5.0 MQTT-3.1.2-8] A Clean Start ends the session, and with it the delay.
TEST(mqtt5_3_1_2_will_delay, the_will_goes_out_when_a_clean_start_ends_its_session) {
  for (const auto& fleet : fleets) {
    for (const bool lost : {true, false}) {
      stage on(fleet);
      const auto older = on.come(1000, for_ever);
      if (lost) on.talk.lose(older);
      EXPECT_EQ(on.wills(), 0U);
      const auto newer = on.come_back(for_ever, true);
      EXPECT_EQ(on.talk.hear(newer), lines{"connack 00"});
      EXPECT_EQ(on.wills(), 1U);
    }
  }
}

// [5.0 MQTT-3.1.2-8] A session with expiry 0 ends when another connection comes, and its will goes out whatever its
// delay.
TEST(mqtt5_3_1_2_will_delay, session_expiry_0_ends_at_takeover_and_the_will_goes_out_at_once) {
  for (const auto& fleet : fleets) {
    stage on(fleet);
    const auto older = on.come(1000, 0);
    const auto newer = on.come_back(100);
    EXPECT_EQ(on.talk.hear(newer), lines{"connack 00"}) << "no session is present";
    EXPECT_EQ(on.talk.hear(older), (lines{"connack 00", "disconnect 8e"}));
    EXPECT_EQ(on.wills(), 1U);
  }
}

// [5.0 MQTT-3.1.2-10] Once it has gone out it is not stored any more, nor is it after a DISCONNECT with reason 0.
TEST(mqtt5_3_1_2_will_delay, the_will_is_removed_once_it_has_gone_out_or_was_not_wanted) {
  for (const auto& fleet : fleets) {
    stage on(fleet);
    on.talk.lose(on.come(10, 1000));
    on.talk.advance_s(12);
    EXPECT_EQ(on.wills(), 1U);
    on.talk.lose(on.come_back(1000));
    on.talk.advance_s(2000);
    EXPECT_EQ(on.wills(), 0U) << "neither at the session's end";
    on.talk.say(on.come(10, 1000), hex({0xe0, 0}));
    on.talk.turn();
    on.talk.advance_s(2000);
    EXPECT_EQ(on.wills(), 0U);
  }
}

}  // namespace

}  // namespace headgate::worker::testing
