// Shared subscriptions whose members are slow, or take nothing at all.

#include <algorithm>

#include "base/limits.hpp"
#include "tests/unit/worker/shared_topics.hpp"

namespace headgate::worker::testing {

namespace {

constexpr std::uint16_t default_window = 65'535;

// Takes what came for a client in single steps, while its group's shard stands still but for a turn now and then.
std::vector<std::string> take_slowly(shared_topics& run, std::uint32_t client, std::uint16_t shard_worker) {
  std::vector<std::string> payloads;
  for (int idle = 0; idle < 5;) {
    const auto publishes = run.talk.take_publishes(client);
    run.talk.stop_worker(shard_worker);
    for (const auto& each : publishes) {
      payloads.push_back(each.payload);
      run.talk.acknowledge(client, {each});
      for (int turns = 0; turns < 3; ++turns) run.talk.turn();
    }
    run.talk.start_worker(shard_worker);
    run.talk.turn();
    idle = publishes.empty() ? idle + 1 : 0;
  }
  return payloads;
}

}  // namespace

TEST(group_room, two_that_acknowledge_nothing_do_not_stop_the_third) {
  for (const bool have_rights : {false, true}) {
    for (std::uint16_t workers = 1; workers <= 3; workers += 2) {
      const auto at = [&](std::uint16_t n) { return static_cast<std::uint16_t>(n % workers); };
      shared_topics run(workers, have_rights ? denials{{"x", "t/b/#"}} : denials{});
      const auto healthy = run.member("a", default_window);
      const auto stuck = run.member("s1", default_window, at(1));
      const auto other = run.member("s2", default_window, at(2));
      std::size_t got = 0;
      std::size_t last = 0;
      for (int round = 0; round < 10; ++round) {
        run.publish("t/x", 500);
        last = run.take_all(healthy).size();
        got += last;
      }
      EXPECT_EQ(last, 500U) << "the others have what they are given, and take no more";
      const auto kept = run.talk.take_publishes(stuck).size() + run.talk.take_publishes(other).size();
      EXPECT_EQ(got + kept, 5000U);
      EXPECT_LE(kept, 2U * base::max_member_undone);
    }
  }
}

// Its acknowledgements make room again, and so does what is not its group's any more when it leaves.
TEST(group_room, member_that_acknowledges_is_given_all) {
  shared_topics run(1, {});
  const auto member = run.member("a", default_window);
  for (int round = 0; round < 5; ++round) {
    run.publish("t/x", 300);
    EXPECT_EQ(run.take_all(member).size(), 300U);
  }
  for (int round = 0; round < 5; ++round) {
    run.publish("t/x", 100);
    EXPECT_EQ(run.talk.take_publishes(member).size(), base::group_places_per_member);
    run.talk.say(member, run.talk.unsubscribe_packet(member, "$share/g/t/#"));
    run.talk.turn();
    run.talk.take(member);
    run.talk.subscribe(member, "$share/g/t/#", 1);
  }
}

// The shard is at the first worker.
TEST(group_room, what_waits_for_a_slow_client_is_asked_for_once_and_comes_in_order) {
  for (const bool beside : {true, false}) {
    shared_topics run(2);
    run.member("a", 10, beside ? 1 : 0);
    const auto b = run.member("b", 4, 1);
    run.publish("t/b/1", 300);
    const auto returned = run.talk.view().shard.group_returned;
    const auto got = take_slowly(run, b, 0);
    ASSERT_EQ(got.size(), 300U);
    int steps_back = 0;
    for (std::size_t n = 1; n < got.size(); ++n) steps_back += std::stoi(got[n]) < std::stoi(got[n - 1]) ? 1 : 0;
    EXPECT_LE(steps_back, beside ? 0 : 1) << "the first ones are dealt to both workers in turn";
    EXPECT_LE(run.talk.view().shard.group_returned - returned, 600U);
  }
}

// What was asked for goes to somebody else: the client still gets the rest.
TEST(group_room, what_was_asked_for_and_went_elsewhere_is_not_waited_for) {
  shared_topics run(2);
  run.member("a", 10);
  const auto b = run.member("b", 4, 1);
  run.publish("t/b/1", 40);
  const auto first = run.talk.take_publishes(b);
  ASSERT_EQ(first.size(), 4U);
  const auto other = run.member("c", 2, 0);
  run.talk.acknowledge(b, first);
  run.talk.turn();
  auto got = run.take_all(b);
  auto others = run.take_all(other);
  for (int n = 0; n < 5; ++n) {
    run.talk.advance_s(1);
    for (auto& each : run.take_all(b)) got.push_back(std::move(each));
    for (auto& each : run.take_all(other)) others.push_back(std::move(each));
  }
  EXPECT_EQ(first.size() + got.size() + others.size(), 40U);
}

// The same where the other one is at the client's own worker, which sees it at once.
TEST(group_room, what_was_asked_for_and_went_to_another_client_here_is_asked_for_no_more) {
  shared_topics run;
  run.member("a", 10);
  const auto b = run.member("b", 4);
  run.publish("t/b/1", 40);
  const auto first = run.talk.take_publishes(b);
  ASSERT_EQ(first.size(), 4U);
  const auto other = run.member("c", 2);
  run.talk.acknowledge(b, first);
  run.talk.turn();
  std::size_t got = first.size();
  for (int n = 0; n < 40; ++n) got += run.take_all(b).size() + run.take_all(other).size();
  EXPECT_EQ(got, 40U) << "without a second of waiting";
}

TEST(group_room, what_was_asked_for_last_and_came_is_asked_for_no_more) {
  shared_topics run;
  run.member("a", 10);
  const auto b = run.member("b", 4);
  for (int round = 0; round < 3; ++round) {
    run.publish("t/b/1", 8);
    EXPECT_EQ(run.take_all(b).size(), 8U) << "in round " << round << ", without a second of waiting";
  }
}

TEST(group_room, rules_that_change_all_the_time_do_not_keep_what_waits_from_who_may_be_shown_it) {
  shared_topics run(2);
  const auto a = run.member("a", 100, 1);
  run.member("b", 1);
  run.publish("t/b/1", 11);
  for (int n = 0; n < 15; ++n) {
    run.talk.change_rights(rules({{"b", "t/b/#"}}));
    run.talk.turn();
    run.talk.advance_s(1);
  }
  EXPECT_EQ(run.take_all(a, "t/b/").size(), 10U);
  EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
}

// Its details are gone when its turn comes to give back what waits for it.
TEST(group_room, client_that_unsubscribes_while_its_messages_are_to_go_back_is_passed_over) {
  shared_topics run;
  run.member("a", 100);
  const auto b = run.member("b", 1, 0, 3600);
  run.publish("t/b/1", 11);
  run.talk.change_rights(rules({{"a", "t/b/#"}}));
  run.talk.turn();
  ASSERT_EQ(run.talk.worker.gateway().recalls.size(), 1U);
  run.talk.say(b, run.talk.unsubscribe_packet(b, "$share/g/t/#"));
  run.talk.turn();
  ASSERT_EQ(run.talk.worker.gateway().recalls.size(), 1U);
  for (int n = 0; n < 3; ++n) run.talk.advance_s(1);
  EXPECT_EQ(run.talk.worker.gateway().recalls.size(), 0U);
  EXPECT_TRUE(run.talk.is_open(b));
}

// A client that does not acknowledge what one group gave it, and leaves that one.
TEST(group_room, room_that_leaving_one_group_makes_is_offered_to_another) {
  shared_topics run(1, {});
  const auto member = run.member("a", 200);
  run.publish("t/x", 300);
  ASSERT_EQ(run.talk.take_publishes(member).size(), base::group_places_per_member);
  run.talk.subscribe(member, "$share/h/u/#", 1);
  run.publish("u/x", 10);
  ASSERT_EQ(run.talk.take_publishes(member).size(), 0U);
  run.talk.say(member, run.talk.unsubscribe_packet(member, "$share/g/t/#"));
  run.talk.turn();
  run.talk.turn();
  const auto heard = run.talk.hear(member);
  EXPECT_EQ(std::ranges::count_if(heard, [](const auto& line) { return line.starts_with("publish"); }), 10);
}

// The list of those whose messages go back has each of them once.
TEST(group_room, rules_that_change_all_the_time_leave_one_note_of_each_client) {
  shared_topics run;
  run.member("a", 100);
  run.member("b", 1);
  run.publish("t/b/1", 11);
  for (int n = 0; n < 50; ++n) {
    run.talk.change_rights(rules({{"a", "t/b/#"}}));
    run.talk.turn();
  }
  EXPECT_EQ(run.talk.worker.gateway().recalls.size(), 1U);
}

TEST(group_room, only_qos_0_that_somebody_may_not_be_shown_is_counted_as_refused) {
  shared_topics run(1, {{"a", "t/b/#"}});
  const auto a = run.member("a", 10);
  run.publish("t/b/1", 3, 0);
  EXPECT_EQ(run.talk.view().gateway.deliveries_refused, 3U);
  // The member leaves and the message comes in one turn: nobody is there.
  run.talk.publish(run.publisher, "t/c/1", "x", 0);
  run.talk.say(a, run.talk.unsubscribe_packet(a, "$share/g/t/#"));
  run.talk.turn();
  run.publish("t/c/1", 3, 0);
  EXPECT_EQ(run.talk.view().gateway.deliveries_refused, 3U);
}

}  // namespace headgate::worker::testing
