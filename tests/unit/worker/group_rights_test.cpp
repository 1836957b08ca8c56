// Shared subscriptions whose members may not all be shown the same: nobody stops the others, and whoever is there and
// may be shown a message gets it.

#include "tests/unit/worker/shared_topics.hpp"

namespace headgate::worker::testing {

TEST(group_rights, member_that_acknowledges_nothing_does_not_stop_the_others) {
  for (std::uint16_t workers = 1; workers <= 3; workers += 2) {
    shared_topics run(workers);
    const auto a = run.member("a", 10);
    const auto b = run.member("b", 1, static_cast<std::uint16_t>(workers - 1));
    run.publish("t/b/1", 3);
    const auto first = run.talk.take_publishes(b);
    EXPECT_EQ(first.size(), 1U);
    run.publish("t/a/1", 100);
    EXPECT_EQ(run.take_all(a, "t/a/").size(), 100U);
    run.publish("t/a/1", 100);
    EXPECT_EQ(run.take_all(a, "t/a/").size(), 100U) << "what waits for b comes between them again and again";
    run.talk.acknowledge(b, first);
    run.talk.turn();
    EXPECT_EQ(run.take_all(b, "t/b/").size(), 2U);
    EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
    EXPECT_GE(run.talk.view().gateway.group_held, 2U);
    EXPECT_EQ(run.talk.view().shard.groups_behind, 0U);
  }
}

// More than a group may have undone, and in the end more than may wait for one client: that much is lost, and counted.
TEST(group_rights, what_waits_for_one_member_takes_no_place_of_the_others) {
  shared_topics run;
  const auto a = run.member("a", 10);
  constexpr int window = 64;
  constexpr int waiting = base::max_group_held;
  const auto b = run.member("b", window);
  run.publish("t/b/1", window + waiting);
  run.publish("t/a/1", 50);
  EXPECT_EQ(run.take_all(a, "t/a/").size(), 50U);
  EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
  run.publish("t/b/1", 7);
  EXPECT_EQ(run.talk.view().shard.group_refused, 7U);
  EXPECT_EQ(run.talk.view().gateway.group_overrun, 7U);
  const auto got = run.take_all(b, "t/b/");
  EXPECT_EQ(got.size(), window + waiting);
  EXPECT_EQ(distinct(got), got.size());
}

// The shard deals by worker, and most workers have nobody for it.
TEST(group_rights, message_reaches_the_only_one_that_may_be_shown_it_wherever_it_is) {
  for (std::uint16_t at = 0; at < 3; ++at) {
    shared_topics run(3);
    const auto b = run.member("b", 5, at);
    for (std::uint16_t n = 0; n < 9; ++n) run.member("a" + std::to_string(n), 10, n % 3);
    denials denied{{"b", "t/a/#"}};
    for (int n = 0; n < 9; ++n) denied.push_back({"a" + std::to_string(n), "t/b/#"});
    run.talk.change_rights(rules(denied));
    run.talk.turn();
    run.publish("t/b/1", 500);
    const auto got = run.take_all(b, "t/b/");
    EXPECT_EQ(got.size(), 500U);
    EXPECT_EQ(distinct(got), 500U);
    EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
  }
}

// Another one has room on another worker: it does not wait for the one that has none.
TEST(group_rights, message_goes_to_a_member_elsewhere_rather_than_wait) {
  shared_topics run(2);
  run.member("a", 10);
  const auto slow = run.member("b", 1);
  const auto other = run.member("c", 100, 1);
  run.publish("t/b/1", 21);
  EXPECT_EQ(run.talk.take_publishes(slow).size(), 1U);
  EXPECT_EQ(run.take_all(other).size(), 20U);
  EXPECT_EQ(run.talk.view().gateway.group_held, 0U);
}

TEST(group_rights, what_waits_for_a_member_that_goes_is_anothers) {
  for (const bool unsubscribes : {true, false}) {
    shared_topics run(2);
    run.member("a", 10);
    const auto slow = run.member("b", 1);
    run.publish("t/b/1", 21);
    EXPECT_EQ(run.talk.take_publishes(slow).size(), 1U);
    const auto other = run.member("c", 10, 1);
    if (unsubscribes) {
      run.talk.say(slow, run.talk.unsubscribe_packet(slow, "$share/g/t/#"));
      run.talk.turn();
    } else {
      run.talk.lose(slow);
    }
    EXPECT_EQ(run.take_all(other).size(), 21U);
    EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
  }
}

TEST(group_rights, what_nobody_may_be_shown_is_done_when_all_workers_have_said_so) {
  shared_topics run(3);
  std::vector<std::uint32_t> members;
  for (std::uint16_t n = 0; n < 3; ++n) members.push_back(run.member("a" + std::to_string(n), 10, n));
  run.talk.change_rights(rules({{"a0", "t/b/#"}, {"a1", "t/b/#"}, {"a2", "t/b/#"}}));
  run.talk.turn();
  run.publish("t/b/1", 30);
  run.publish("t/a/1", 30);
  std::size_t got = 0;
  for (const auto each : members) got += run.take_all(each, "t/a/").size();
  EXPECT_EQ(got, 30U);
  EXPECT_EQ(run.talk.view().shard.group_refused, 30U);
  EXPECT_EQ(run.talk.view().shard.groups_behind, 0U);
}

TEST(group_rights, change_gives_what_waits_to_who_may_be_shown_it_by_then) {
  shared_topics run(2);
  const auto a = run.member("a", 100, 1);
  const auto b = run.member("b", 1);
  run.publish("t/b/1", 11);
  EXPECT_EQ(run.talk.take_publishes(b).size(), 1U);
  EXPECT_EQ(run.take_all(a).size(), 0U);
  run.talk.change_rights(rules({{"b", "t/b/#"}}));
  run.talk.turn();
  run.talk.advance_s(3);
  EXPECT_EQ(run.take_all(a, "t/b/").size(), 10U);
  // And a worker that refused before is asked again.
  run.talk.change_rights(rules({{"a", "t/#"}}));
  run.talk.turn();
  run.publish("t/b/1", 3);
  run.talk.change_rights(nullptr);
  run.talk.turn();
  run.talk.advance_s(3);
  run.publish("t/a/1", 5);
  EXPECT_EQ(run.take_all(a).size(), 8U);
  EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
}

}  // namespace headgate::worker::testing
