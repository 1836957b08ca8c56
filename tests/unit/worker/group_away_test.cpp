// Members of shared subscriptions that have gone and may come back (MQTT 5.0, 4.8.2): what nobody else may be shown is
// kept for them, as long as their sessions live.

#include <algorithm>

#include "base/limits.hpp"
#include "tests/unit/worker/shared_topics.hpp"

namespace headgate::worker::testing {

namespace {

constexpr std::uint32_t an_hour_s = 3600;

// Where "b" is, who alone may be shown what is below t/b, and where it comes back; "a" is at the first worker.
struct way {
  std::uint16_t workers;
  std::uint16_t from;
  std::uint16_t to;
};
constexpr way ways[] = {{1, 0, 0}, {2, 0, 0}, {2, 1, 1}, {2, 0, 1}, {2, 1, 0}};

}  // namespace

TEST(group_away, only_one_that_may_be_shown_it_comes_back_and_gets_it) {
  for (const auto& way : ways) {
    shared_topics run(way.workers);
    const auto a = run.member("a", 10);
    const auto b = run.member("b", 5, way.from, an_hour_s);
    run.publish("t/b/1", 100);
    EXPECT_EQ(run.talk.take_publishes(b).size(), 5U);
    run.talk.lose(b);
    run.publish("t/b/1", 50);
    EXPECT_EQ(run.talk.view().shard.group_parked, 150U);
    run.publish("t/a/1", 50);
    EXPECT_EQ(run.take_all(a, "t/a/").size(), 50U) << "what waits for b stops nobody";
    EXPECT_EQ(run.talk.view().shard.groups_behind, 0U);
    run.talk.advance_s(an_hour_s - 10);
    const auto again = run.come_back("b", 5, way.to, an_hour_s);
    const auto got = run.take_all(again, "t/b/");
    EXPECT_EQ(got.size(), 150U);
    EXPECT_EQ(distinct(got), 150U);
    EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
  }
}

// It lies at the shard, and goes to nobody before anything has changed.
TEST(group_away, what_is_kept_is_not_asked_for_again_and_again) {
  for (const auto& way : ways) {
    shared_topics run(way.workers);
    run.member("a", 10);
    const auto b = run.member("b", 5, way.from, an_hour_s);
    run.publish("t/b/1", 100);
    run.talk.take_publishes(b);
    run.talk.lose(b);
    const auto given = run.talk.view().shard.group_messages;
    for (int n = 0; n < 100; ++n) run.talk.advance_s(1);
    EXPECT_EQ(run.talk.view().shard.group_messages, given);
  }
}

TEST(group_away, one_that_does_not_come_back_in_time_is_not_waited_for) {
  for (const auto& way : ways) {
    shared_topics run(way.workers);
    run.member("a", 10);
    const auto b = run.member("b", 5, way.from, an_hour_s);
    run.publish("t/b/1", 100);
    run.talk.take_publishes(b);
    run.talk.lose(b);
    EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
    run.talk.advance_s(an_hour_s + 2);
    EXPECT_EQ(run.talk.view().shard.group_refused, 100U);
    // From here on it is nobody's at once.
    run.publish("t/b/1", 10);
    EXPECT_EQ(run.talk.view().shard.group_refused, 110U);
    const auto again = run.member("b", 5, way.to, an_hour_s);
    EXPECT_TRUE(run.take_all(again).empty());
    run.publish("t/b/1", 10);
    EXPECT_EQ(run.take_all(again).size(), 10U);
  }
}

TEST(group_away, change_gives_what_is_kept_to_who_may_be_shown_it_by_then) {
  for (const auto& way : ways) {
    shared_topics run(way.workers);
    const auto a = run.member("a", 100);
    run.talk.lose(run.member("b", 5, way.from, an_hour_s));
    run.publish("t/b/1", 20);
    EXPECT_TRUE(run.take_all(a).empty());
    run.talk.change_rights(nullptr);
    run.talk.turn();
    run.talk.advance_s(1);
    EXPECT_EQ(run.take_all(a, "t/b/").size(), 20U);
    EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
  }
}

TEST(group_away, another_one_joins_and_gets_what_is_kept) {
  for (const auto& way : ways) {
    shared_topics run(way.workers);
    run.member("a", 100);
    run.talk.lose(run.member("b", 5, way.from, an_hour_s));
    run.publish("t/b/1", 20);
    const auto other = run.talk.join("c", mqtt::version::v5, {}, way.to);
    run.talk.say(other, run.talk.subscribe_packet(other, "$share/g/t/#", 1));
    run.talk.turn();
    const auto heard = run.talk.hear(other);
    ASSERT_EQ(heard.size(), 21U);
    // Messages may come before it (MQTT 5.0, 3.8.4): it waits until the shards know of the room.
    EXPECT_EQ(std::count(heard.begin(), heard.end(), "suback #7 01"), 1);
  }
}

TEST(group_away, one_without_a_session_is_not_waited_for) {
  shared_topics run;
  run.member("a", 10);
  const auto b = run.member("b", 5);
  run.publish("t/b/1", 100);
  run.talk.take_publishes(b);
  run.talk.lose(b);
  EXPECT_EQ(run.talk.view().shard.group_refused, 100U);
}

// "c" is away for ever; what is too much for "b" to wait for it is kept for "c", and "b" takes it when it can.
TEST(group_away, what_was_too_much_is_asked_for_when_the_rest_has_been_taken) {
  shared_topics run;
  run.member("a", 10);
  run.talk.lose(run.member("c", 10, 0, 0xffff'ffff));
  const auto b = run.member("b", 5);
  constexpr int held = base::max_group_held;
  run.publish("t/b/1", 5 + held + 7);
  EXPECT_EQ(run.talk.view().gateway.group_overrun, 7U);
  EXPECT_EQ(run.talk.view().shard.group_parked, 7U);
  const auto got = run.take_all(b, "t/b/");
  EXPECT_EQ(got.size(), 5U + held + 7U);
  EXPECT_EQ(distinct(got), got.size());
  EXPECT_EQ(run.talk.view().shard.group_refused, 0U);
}

}  // namespace headgate::worker::testing
