// Shared subscriptions (MQTT 5.0, 4.8.2).

#include <map>
#include <set>

#include "tests/unit/worker/conversation.hpp"

namespace headgate::worker::testing {

using session_slot = proxy::session::inflight_slot;

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

TEST(shared, silent_members_message_goes_to_another_after_a_while) {
  for (const auto& fleet : {fleet{}, three_workers()}) {
    conversation talk({}, fleet);
    const auto publisher = talk.join("p");
    const auto silent = talk.join("m1", mqtt::version::v5, {}, 0);
    talk.subscribe(silent, "$share/g/t", 1);
    talk.publish(publisher, "t", "one", 1, 1);
    talk.turn();
    ASSERT_EQ(talk.hear(silent), lines{"publish q1 #1 t one"});
    const auto other = talk.join("m2", mqtt::version::v5, {}, fleet.workers - 1);
    talk.subscribe(other, "$share/g/t", 1);
    for (int n = 0; n < 55; ++n) talk.advance_s(1);
    EXPECT_EQ(talk.hear(other), lines{});
    for (int n = 0; n < 25; ++n) talk.advance_s(1);
    ASSERT_EQ(talk.hear(other), lines{"publish q1 #1 t one"});
    talk.say(other, conversation::puback(1));
    talk.say(silent, conversation::puback(1));
    for (int n = 0; n < 100; ++n) talk.advance_s(1);
    EXPECT_EQ(talk.hear(silent), lines{});
    EXPECT_EQ(talk.hear(other), lines{});
    EXPECT_EQ(talk.view().gateway.group_redelivered, 1U);
    talk.publish(publisher, "t", "two", 1, 2);
    talk.publish(publisher, "t", "three", 1, 3);
    talk.turn();
    EXPECT_EQ(talk.take_payloads(silent).size() + talk.take_payloads(other).size(), 2U);
  }
}

// Sent once to a member that is slow and alone.
TEST(shared, silent_member_keeps_what_nobody_else_can_take) {
  for (const auto& fleet : {fleet{}, three_workers()}) {
    conversation talk({}, fleet);
    const auto publisher = talk.join("p");
    const auto silent = talk.join("m1", mqtt::version::v5);
    talk.subscribe(silent, "$share/g/t", 1);
    talk.publish(publisher, "t", "one", 1, 1);
    talk.turn();
    ASSERT_EQ(talk.hear(silent), lines{"publish q1 #1 t one"});
    for (int n = 0; n < 200; ++n) talk.advance_s(1);
    EXPECT_EQ(talk.hear(silent), lines{});
    talk.say(silent, conversation::puback(1));
    for (int n = 0; n < 100; ++n) talk.advance_s(1);
    const auto other = talk.join("m2", mqtt::version::v5);
    talk.subscribe(other, "$share/g/t", 1);
    talk.lose(silent);
    EXPECT_EQ(talk.hear(other), lines{}) << "it was done with";
  }
}

// Each was sent it once, and nobody else is there: it stays, until one of them has done with it or goes.
TEST(shared, message_about_which_all_members_are_silent_is_not_lost) {
  for (const auto& fleet : {fleet{}, three_workers()}) {
    conversation talk({}, fleet);
    const auto publisher = talk.join("p");
    const auto first = talk.join("m1", mqtt::version::v5, {}, 0);
    talk.subscribe(first, "$share/g/t", 1);
    talk.publish(publisher, "t", "one", 1, 1);
    talk.turn();
    ASSERT_EQ(talk.hear(first), lines{"publish q1 #1 t one"});
    const auto second = talk.join("m2", mqtt::version::v5, {}, fleet.workers - 1);
    talk.subscribe(second, "$share/g/t", 1);
    for (int n = 0; n < 80; ++n) talk.advance_s(1);
    ASSERT_EQ(talk.hear(second), lines{"publish q1 #1 t one"});
    for (int n = 0; n < 400; ++n) talk.advance_s(1);
    EXPECT_EQ(talk.hear(first), lines{});
    EXPECT_EQ(talk.hear(second), lines{});
    EXPECT_EQ(talk.view().shard.group_refused, 0U);
    talk.lose(first);
    talk.lose(second);
    const auto third = talk.join("m3", mqtt::version::v5);
    talk.subscribe(third, "$share/g/t", 1);
    talk.turn();
    EXPECT_EQ(talk.hear(third), lines{}) << "the group has ended with its last member";
  }
}

// The same message, which another filter of the member matches, is not its group's.
TEST(shared, silent_member_of_two_filters_has_its_groups_copy_in_hand_or_nothing) {
  conversation talk;
  const auto publisher = talk.join("p");
  const auto silent = talk.join("m1", mqtt::version::v5);
  talk.subscribe(silent, "$share/g/t", 1);
  talk.subscribe(silent, "t", 1);
  talk.publish(publisher, "t", "one", 1, 1);
  talk.turn();
  ASSERT_EQ(talk.take_publishes(silent).size(), 2U);
  const auto* first_copy = talk.worker.gateway().sessions[silent].inflight.find(1);
  const auto copy_of_group = static_cast<std::uint16_t>(first_copy->group == session_slot::no_group ? 2 : 1);
  const auto other = talk.join("m2", mqtt::version::v5);
  talk.subscribe(other, "$share/g/t", 1);
  for (int n = 0; n < 80; ++n) talk.advance_s(1);
  ASSERT_EQ(talk.hear(other), lines{"publish q1 #1 t one"});
  talk.say(silent, conversation::puback(copy_of_group));
  talk.lose(other);
  EXPECT_EQ(talk.hear(silent), lines{"publish q1 #3 t one"});
}

TEST(shared, silent_members_message_stays_its_own_where_that_is_set) {
  conversation talk({.redeliver_after_s = 0});
  const auto publisher = talk.join("p");
  const auto silent = talk.join("m1", mqtt::version::v5);
  talk.subscribe(silent, "$share/g/t", 1);
  talk.publish(publisher, "t", "one", 1, 1);
  talk.turn();
  const auto other = talk.join("m2", mqtt::version::v5);
  talk.subscribe(other, "$share/g/t", 1);
  for (int n = 0; n < 200; ++n) talk.advance_s(1);
  EXPECT_EQ(talk.hear(other), lines{});
}

TEST(shared, topic_goes_to_one_member_where_that_is_set) {
  for (const auto& fleet : {fleet{}, three_workers()}) {
    conversation talk({.dispatch_by_topic = true}, fleet);
    const auto publisher = talk.join("p");
    std::vector<std::uint32_t> members;
    for (std::uint16_t n = 0; n < 6; ++n) {
      members.push_back(talk.join("m" + std::to_string(n), mqtt::version::v5, {}, n % fleet.workers));
      talk.subscribe(members.back(), "$share/g/#", 1);
    }
    std::map<std::string, std::set<std::size_t>> takers;
    std::set<std::size_t> all;
    for (std::uint16_t n = 0; n < 400; ++n) {
      talk.publish(publisher, "t" + std::to_string(n % 40), "x", 1, static_cast<std::uint16_t>(n + 1));
      talk.turn();
      for (std::size_t member = 0; member < members.size(); ++member) {
        const auto publishes = talk.take_publishes(members[member]);
        for (const auto& publish : publishes) takers[publish.topic].insert(member);
        if (!publishes.empty()) all.insert(member);
        talk.acknowledge(members[member], publishes);
      }
    }
    EXPECT_EQ(takers.size(), 40U);
    for (const auto& [topic, who] : takers) EXPECT_EQ(who.size(), 1U) << topic;
    EXPECT_EQ(all.size(), 6U);
  }
}

}  // namespace headgate::worker::testing
