// What workers refuse of a shared subscription, since nobody of theirs may be shown it, or who may has no room.

#include "base/limits.hpp"
#include "tests/unit/broker/shard/group_bench.hpp"

namespace headgate::broker::shard {
namespace {

using link::group_refusal;
using tests::delivered;
using tests::group_bench;
using tests::log_kind;
using tests::owned_message;

class group_refusals : public ::testing::TestWithParam<log_kind> {};

INSTANTIATE_TEST_SUITE_P(logs, group_refusals, ::testing::Values(log_kind::now, log_kind::later),
                         ::testing::PrintToStringParamName());

// A group with a member at each worker, whose filter has the worker's number, and what each is given next.
struct three_members : group_bench {
  explicit three_members(log_kind kind) : group_bench(3, kind) {
    for (std::uint16_t worker = 0; worker < 3; ++worker) join(worker, worker, "$share/g/a");
  }
  std::vector<given_message> next(std::uint16_t worker) {
    settle();
    auto given = given_with_qos(worker);
    inboxes[worker]->clear();
    return given;
  }
};

TEST_P(group_refusals, what_a_worker_has_nobody_for_goes_to_each_other_one_and_ends_when_all_have_said_so) {
  three_members bench(GetParam());
  for (std::uint16_t worker = 0; worker < 3; ++worker) bench.credit(worker, worker, 10);
  bench.publish(0, {{"a", 1, ""}});
  for (std::uint16_t worker = 0; worker < 3; ++worker) {
    const auto given = bench.next(worker);
    ASSERT_EQ(given.size(), 1U);
    EXPECT_FALSE(given[0].only_here);
    EXPECT_EQ(view_of(bench.state).group_refused, 0U);
    bench.give_back(worker, worker, 0, group_refusal::nobody);
  }
  for (std::uint16_t worker = 0; worker < 3; ++worker) EXPECT_TRUE(bench.next(worker).empty());
  EXPECT_EQ(view_of(bench.state).group_refused, 1U);
  EXPECT_EQ(view_of(bench.state).groups_behind, 0U);
}

TEST_P(group_refusals, who_may_but_has_no_room_waits_only_when_nobody_else_takes_it) {
  three_members bench(GetParam());
  bench.credit(0, 0, 10);
  bench.publish(0, {{"a", 1, ""}});
  ASSERT_EQ(bench.next(0).size(), 1U);
  bench.credit(1, 1, 10);
  bench.give_back(0, 0, 0, group_refusal::no_room);
  ASSERT_EQ(bench.next(1).size(), 1U);
  bench.give_back(1, 1, 0, group_refusal::nobody);
  // The third one has no room, and is asked nevertheless.
  const auto asked = bench.next(2);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_TRUE(asked[0].only_here);
  bench.give_back(2, 2, 0, group_refusal::nobody);
  const auto last = bench.next(0);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_TRUE(last[0].only_here);
  bench.hold(0, 0, 0);
  bench.give_back(0, 0, 0);
  const auto again = bench.next(0);
  ASSERT_EQ(again.size(), 1U) << "there is room where it waited, and nowhere else is anybody";
  EXPECT_FALSE(again[0].only_here);
  bench.done(0, 0, 0);
  EXPECT_EQ(view_of(bench.state).group_ignored, 0U);
  EXPECT_EQ(view_of(bench.state).group_refused, 0U);
}

TEST_P(group_refusals, what_waits_stops_nobody) {
  three_members bench(GetParam());
  const auto count = base::max_group_undone + 10;
  bench.credit(0, 0, 1'000'000);
  for (std::uint64_t place = 0; place < count; ++place) {
    bench.publish(0, {{"a", 1, ""}});
    bench.hold(0, 0, place);
  }
  bench.publish(0, {{"a", 1, ""}});
  EXPECT_EQ(bench.next(0).size(), count + 1);
  EXPECT_EQ(view_of(bench.state).groups_behind, 0U);
  // And goes to others with the worker that had it.
  bench.credit(1, 1, 1'000'000);
  bench.leave(0, 0, "$share/g/a", 0);
  EXPECT_EQ(bench.next(1).size(), count + 1);
}

TEST_P(group_refusals, worker_is_asked_again_when_it_asks_anew_or_has_joined_again) {
  for (const bool joins : {false, true}) {
    three_members bench(GetParam());
    bench.credit(0, 0, 1);
    bench.publish(0, {{"a", 1, ""}});
    ASSERT_EQ(bench.next(0).size(), 1U);
    bench.give_back(0, 0, 0, group_refusal::nobody);
    EXPECT_TRUE(bench.next(0).empty()) << "nobody has room";
    if (joins) {
      bench.leave(0, 0, "$share/g/a", 0);
      bench.join(0, 7, "$share/g/a");
      bench.credit(0, 7, 1);
    } else {
      bench.credit(0, 0, 1, true);
    }
    EXPECT_EQ(bench.next(0).size(), 1U);
  }
}

// It was the last that could have had somebody: what all others refused ends.
TEST_P(group_refusals, worker_that_leaves_is_not_waited_for) {
  three_members bench(GetParam());
  bench.leave(2, 2, "$share/g/a", 0);
  bench.credit(0, 0, 2);
  bench.publish(0, {{"a", 1, ""}});
  bench.give_back(0, 0, 0, group_refusal::nobody);
  ASSERT_EQ(bench.next(1).size(), 1U);
  bench.leave(1, 1, "$share/g/a", 0);
  bench.next(0);
  EXPECT_EQ(view_of(bench.state).group_refused, 1U);
  bench.publish(0, {{"a", 1, ""}});
  EXPECT_EQ(bench.next(0).size(), 1U);
  EXPECT_EQ(view_of(bench.state).groups_behind, 0U);
}

}  // namespace
}  // namespace headgate::broker::shard
