// Shared subscriptions (MQTT 5.0, 4.8.2).

#include <set>

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

TEST(shared, gives_each_message_to_one_member_of_any_worker) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p");
  std::vector<std::uint32_t> members;
  for (std::uint16_t n = 0; n < 6; ++n) {
    members.push_back(talk.join("m" + std::to_string(n), mqtt::version::v5, {}, n % 3));
    talk.subscribe(members.back(), "$share/g/t", 1);
  }
  for (int n = 0; n < 300; ++n) talk.publish(publisher, "t", std::to_string(n), 1, static_cast<std::uint16_t>(n + 1));
  std::multiset<std::string> got;
  for (int round = 0; round < 20; ++round) {
    talk.turn();
    for (const auto member : members) {
      const auto publishes = talk.take_publishes(member);
      for (const auto& publish : publishes) got.insert(publish.payload);
      talk.acknowledge(member, publishes);
    }
  }
  EXPECT_EQ(got.size(), 300U);
  EXPECT_EQ(std::set<std::string>(got.begin(), got.end()).size(), 300U);
}

// [MQTT-4.8.2-4, -5]
TEST(shared, gives_what_a_lost_member_did_not_acknowledge_to_another_but_not_its_qos_2) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p");
  const mqtt::connect keeping{.session_expiry_interval_s = 60};
  auto first = talk.come("m1", keeping, mqtt::version::v5, 1);
  talk.hear(first);
  talk.subscribe(first, "$share/g/t", 2);
  talk.publish(publisher, "t", "one", 1, 1);
  talk.publish(publisher, "t", "two", 2, 2);
  talk.turn();
  EXPECT_EQ(talk.hear(first), (lines{"publish q1 #1 t one", "publish q2 #2 t two"}));
  const auto second = talk.join("m2", mqtt::version::v5, {}, 2);
  talk.subscribe(second, "$share/g/t", 2);
  talk.lose(first);
  EXPECT_EQ(talk.hear(second), lines{"publish q1 #1 t one"});
  first = talk.come("m1", keeping);
  EXPECT_EQ(talk.hear(first), (lines{"connack present 00", "publish q2 #2 dup t two"}));
}

TEST(shared, goes_on_when_its_only_persistent_member_comes_back) {
  conversation talk({}, three_workers());
  const auto publisher = talk.join("p");
  const mqtt::connect keeping{.session_expiry_interval_s = 60};
  auto member = talk.come("m", keeping, mqtt::version::v5, 1);
  talk.hear(member);
  talk.subscribe(member, "$share/g/t", 1);
  talk.lose(member);
  talk.publish(publisher, "t", "meanwhile", 1, 1);
  talk.turn();
  member = talk.come("m", keeping, mqtt::version::v5, 2);
  EXPECT_EQ(talk.hear(member), (lines{"connack present 00", "publish q1 #1 t meanwhile"}));
}

}  // namespace headgate::worker::testing
