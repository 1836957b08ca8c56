// How long a session lasts without a connection (3.1.2.11.2; 3.1.2.4 of 3.1.1), with one worker and with three.

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

constexpr std::uint32_t for_ever = 0xffff'ffff;
constexpr std::uint32_t month_s = 30 * 24 * 3600;

const fleet fleets[] = {{}, three_workers()};

std::uint32_t come(conversation& talk, std::uint32_t expiry_s, std::uint16_t worker,
                   mqtt::version version = mqtt::version::v5) {
  return talk.come("a", {.session_expiry_interval_s = expiry_s}, version, worker);
}

// [5.0 MQTT-3.1.2-23] The session is stored for its interval with what came for it, and no longer.
TEST(mqtt5_3_1_2_session_expiry, a_session_lasts_for_its_interval) {
  for (const auto& fleet : fleets) {
    conversation talk({}, fleet);
    const auto last = static_cast<std::uint16_t>(fleet.workers - 1);
    const auto publisher = talk.join("p");
    auto client = come(talk, 100, 0);
    talk.hear(client);
    talk.subscribe(client, "t", 1);
    talk.lose(client);
    talk.publish(publisher, "t", "x", 1);
    talk.turn();
    talk.advance_s(99);
    client = come(talk, 100, last);
    EXPECT_EQ(talk.hear(client), (lines{"connack present 00", "publish q1 #1 t x"}));
    talk.lose(client);
    talk.advance_s(101);
    client = come(talk, 100, 0);
    EXPECT_EQ(talk.hear(client), lines{"connack 00"});
    talk.publish(publisher, "t", "y", 1, 2);
    talk.turn();
    EXPECT_EQ(talk.hear(client), lines{}) << "its subscription has gone as well";
  }
}

// [5.0 MQTT-3.1.2-23] The interval begins when the connection ends, however long that lasted.
TEST(mqtt5_3_1_2_session_expiry, the_interval_begins_when_the_connection_ends) {
  for (const auto& fleet : fleets) {
    conversation talk({}, fleet);
    const auto last = static_cast<std::uint16_t>(fleet.workers - 1);
    auto client = come(talk, 100, 0);
    talk.advance_s(1000);
    talk.lose(client);
    talk.advance_s(99);
    client = come(talk, 1000, last);
    EXPECT_EQ(talk.hear(client), lines{"connack present 00"});
    talk.lose(client);
    talk.advance_s(999);  // the interval of the latest connection holds
    client = come(talk, 1, 0);
    EXPECT_EQ(talk.hear(client), lines{"connack present 00"});
    talk.lose(client);
    talk.advance_s(2);
    EXPECT_EQ(talk.hear(come(talk, 1, last)), lines{"connack 00"});
  }
}

// [5.0 MQTT-3.1.2-23] [3.1.1 MQTT-3.1.2-4] 0xffffffff, and in 3.1.1 a session without Clean Session, does not end.
TEST(mqtt5_3_1_2_session_expiry, a_session_may_last_for_ever) {
  for (const auto& fleet : fleets) {
    for (const auto version : {mqtt::version::v3_1_1, mqtt::version::v5}) {
      conversation talk({}, fleet);
      const auto last = static_cast<std::uint16_t>(fleet.workers - 1);
      auto client = come(talk, for_ever, 0, version);
      EXPECT_EQ(talk.hear(client), lines{"connack 00"});
      talk.lose(client);
      talk.advance_s(month_s);
      client = come(talk, for_ever, last, version);
      EXPECT_EQ(talk.hear(client), lines{"connack present 00"});
    }
  }
}

// [5.0 MQTT-3.1.2-23] With 0 it is not stored at all.
TEST(mqtt5_3_1_2_session_expiry, with_0_the_session_ends_with_its_connection) {
  for (const auto& fleet : fleets) {
    conversation talk({}, fleet);
    const auto last = static_cast<std::uint16_t>(fleet.workers - 1);
    auto client = come(talk, 0, 0);
    talk.lose(client);
    client = come(talk, 100, last);
    EXPECT_EQ(talk.hear(client), lines{"connack 00"});
    talk.lose(client);
    client = come(talk, 0, 0);  // it goes on, and is to end with this connection
    EXPECT_EQ(talk.hear(client), lines{"connack present 00"});
    talk.lose(client);
    EXPECT_EQ(talk.hear(come(talk, 100, last)), lines{"connack 00"});
  }
}

// [5.0 MQTT-3.1.2-23] Also when another connection comes while the first is still there.
TEST(mqtt5_3_1_2_session_expiry, session_expiry_0_ends_at_takeover) {
  for (const auto& fleet : fleets) {
    conversation talk({}, fleet);
    const auto last = static_cast<std::uint16_t>(fleet.workers - 1);
    const auto publisher = talk.join("p");
    const auto older = come(talk, 0, 0);
    EXPECT_EQ(talk.hear(older), lines{"connack 00"});
    talk.subscribe(older, "t", 1);
    const auto newer = come(talk, 100, last);
    EXPECT_EQ(talk.hear(newer), lines{"connack 00"}) << "no session is present";
    EXPECT_EQ(talk.hear(older), lines{"disconnect 8e"});
    talk.publish(publisher, "t", "x", 1);
    talk.turn();
    EXPECT_EQ(talk.hear(newer), lines{}) << "nor is its subscription";
    EXPECT_EQ(talk.hear(come(talk, 100, 0)), lines{"connack present 00"});
  }
}

}  // namespace

}  // namespace headgate::worker::testing
