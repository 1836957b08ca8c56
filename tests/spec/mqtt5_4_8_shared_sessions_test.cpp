#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

namespace {

// Two members of one group on two workers; the first, whose session is kept for a minute, has been sent a message of
// QoS 2.
struct two_members {
  explicit two_members(conversation& talk) : talk(talk) {
    publisher = talk.join("p");
    first = talk.come("m1", {.clean_start = false, .session_expiry_interval_s = 60}, mqtt::version::v5, 1);
    talk.hear(first);
    talk.subscribe(first, "$share/g/t", 2);
    talk.publish(publisher, "t", "one", 2, 1);
    talk.turn();
    EXPECT_EQ(talk.hear(first), lines{"publish q2 #1 t one"});
    second = talk.join("m2", mqtt::version::v5, {}, 2);
    talk.subscribe(second, "$share/g/t", 2);
  }

  // What the second member gets of a message that is published now, and of whatever was left.
  lines publish_another(const std::string& payload) {
    talk.publish(publisher, "t", payload, 1, 7);
    talk.turn();
    return talk.hear(second);
  }

  conversation& talk;
  std::uint32_t publisher = 0;
  std::uint32_t first = 0;
  std::uint32_t second = 0;
};

}  // namespace

// [5.0 MQTT-4.8.2-5] A message of QoS 2 ends with the session that it was sent to: when that has expired, nobody else
// gets it.
TEST(mqtt5_4_8_shared_sessions, message_of_qos_2_ends_with_a_session_that_expires) {
  conversation talk({}, three_workers());
  two_members run(talk);
  talk.lose(run.first);
  EXPECT_EQ(run.publish_another("two"), lines{"publish q1 #1 t two"});
  talk.advance_s(59);
  EXPECT_EQ(talk.hear(run.second), lines{});
  talk.advance_s(10);
  talk.advance_s(600);
  EXPECT_EQ(run.publish_another("three"), lines{"publish q1 #2 t three"});
}

// [5.0 MQTT-4.8.2-4] It waits for its client as long as its session lasts, and is completed then.
TEST(mqtt5_4_8_shared_sessions, message_of_qos_2_waits_for_its_client_until_then) {
  conversation talk({}, three_workers());
  two_members run(talk);
  talk.lose(run.first);
  talk.advance_s(58);
  run.first = talk.come("m1", {.clean_start = false, .session_expiry_interval_s = 60});
  EXPECT_EQ(talk.hear(run.first), (lines{"connack present 00", "publish q2 #1 dup t one"}));
  talk.say(run.first, conversation::pubrec(1));
  talk.turn();
  EXPECT_EQ(talk.hear(run.first), lines{"pubrel #1"});
  talk.say(run.first, conversation::pubcomp(1));
  talk.turn();
  EXPECT_EQ(talk.hear(run.second), lines{});
}

}  // namespace headgate::worker::testing
