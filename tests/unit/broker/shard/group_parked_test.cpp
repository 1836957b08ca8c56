// What all workers refuse of a shared subscription while a member that has gone may come back.

#include "base/limits.hpp"
#include "tests/unit/broker/shard/group_bench.hpp"

namespace headgate::broker::shard {
namespace {

using link::group_refusal;
using tests::group_bench;
using tests::log_kind;

class group_parked : public ::testing::TestWithParam<log_kind> {};

INSTANTIATE_TEST_SUITE_P(logs, group_parked, ::testing::Values(log_kind::now, log_kind::later),
                         ::testing::PrintToStringParamName());

constexpr auto text = "$share/g/a";
constexpr std::uint64_t gone_ms = 1'000'000;

// Two workers with members, of whom one at the second has gone for a minute.
struct one_away : group_bench {
  explicit one_away(log_kind kind) : group_bench(2, kind) {
    for (std::uint16_t worker = 0; worker < 2; ++worker) {
      join(worker, worker, text);
      credit(worker, worker, 100'000);
    }
    away(1, 1, 60, gone_ms);
  }
  // Publishes what nobody has anybody for.
  void publish_and_refuse(std::size_t count, std::uint64_t now_ms) {
    publish(0, std::vector<tests::owned_message>(count, {"a", 1, ""}), now_ms);
    while (refuse(now_ms) > 0) {
    }
  }
  // Refuses all that is given out now; returns how many.
  std::size_t refuse(std::uint64_t now_ms) {
    settle(now_ms);
    std::size_t count = 0;
    for (std::uint16_t worker = 0; worker < 2; ++worker) {
      const auto given = given_with_qos(worker);
      inboxes[worker]->clear();
      for (const auto& each : given) {
        give_back(worker, worker, each.record.place, group_refusal::nobody, now_ms);
        ++count;
      }
    }
    return count;
  }
  shard_view view() { return view_of(state); }
};

TEST_P(group_parked, it_stops_nobody_and_is_given_out_when_somebody_asks_anew) {
  one_away bench(GetParam());
  bench.publish_and_refuse(10, gone_ms);
  EXPECT_EQ(bench.view().group_parked, 10U);
  EXPECT_EQ(bench.view().group_refused, 0U);
  EXPECT_EQ(bench.refuse(gone_ms), 0U) << "it lies there";
  EXPECT_EQ(bench.view().groups_behind, 0U);
  bench.credit(1, 1, 100, true);
  bench.settle(gone_ms);
  EXPECT_EQ(bench.given(0).size(), 0U) << "that one has refused it";
  const auto given = bench.given(1);
  ASSERT_EQ(given.size(), 10U);
  bench.inboxes[1]->clear();
  for (std::size_t n = 0; n < given.size(); ++n) {
    EXPECT_EQ(given[n].place, n);
    bench.done(1, 1, n);
  }
  EXPECT_EQ(bench.view().group_ignored, 0U);
  EXPECT_EQ(bench.view().groups_behind, 0U);
}

TEST_P(group_parked, it_is_given_out_when_somebody_joins_also_after_all_have_gone) {
  for (const bool all_go : {false, true}) {
    one_away bench(GetParam());
    bench.publish_and_refuse(10, gone_ms);
    if (all_go) bench.leave(1, 1, text, 0, gone_ms);
    bench.leave(0, 0, text, 0, gone_ms);
    bench.join(0, 7, text);
    bench.credit(0, 7, 100);
    bench.settle(gone_ms);
    EXPECT_EQ(bench.given(0).size(), 10U);
  }
}

// Many who come one after the other ask for it once in a second.
TEST_P(group_parked, it_is_asked_for_once_in_a_second) {
  one_away bench(GetParam());
  bench.publish_and_refuse(10, gone_ms);
  bench.credit(1, 1, 100'000, true);
  EXPECT_EQ(bench.refuse(gone_ms), 10U);
  for (int n = 0; n < 5; ++n) {
    bench.credit(1, 1, 100'000, true);
    EXPECT_EQ(bench.refuse(gone_ms + 999), 0U);
  }
  EXPECT_EQ(bench.refuse(gone_ms + 1000), 10U) << "the last ones are not forgotten";
  EXPECT_EQ(bench.refuse(gone_ms + 10'000), 0U);
  EXPECT_EQ(bench.view().group_refused, 0U);
}

TEST_P(group_parked, it_ends_when_nobody_has_come_back) {
  one_away bench(GetParam());
  bench.publish_and_refuse(10, gone_ms);
  bench.settle(gone_ms + 59'999);
  EXPECT_EQ(bench.view().group_refused, 0U);
  bench.settle(gone_ms + 60'000);
  EXPECT_EQ(bench.view().group_refused, 10U);
  bench.publish_and_refuse(1, gone_ms + 60'000);
  EXPECT_EQ(bench.view().group_refused, 11U);
  bench.credit(1, 1, 100'000, true);
  EXPECT_EQ(bench.refuse(gone_ms + 70'000), 0U);
}

// A second one that goes for longer, a first that was to come back sooner.
TEST_P(group_parked, the_longest_time_counts) {
  one_away bench(GetParam());
  bench.away(0, 0, 120, gone_ms);
  bench.away(1, 1, 10, gone_ms);
  bench.publish_and_refuse(1, gone_ms);
  bench.settle(gone_ms + 119'999);
  EXPECT_EQ(bench.view().group_refused, 0U);
  bench.away(1, 1, 0xffff'ffff, gone_ms + 119'999);
  bench.settle(gone_ms + 1'000'000'000);
  EXPECT_EQ(bench.view().group_refused, 0U);
}

TEST_P(group_parked, more_than_may_wait_is_refused) {
  one_away bench(GetParam());
  bench.publish_and_refuse(base::max_group_held + 5, gone_ms);
  EXPECT_EQ(bench.view().group_parked, base::max_group_held);
  EXPECT_EQ(bench.view().group_refused, 5U);
  bench.publish(0, {{"a", 1, ""}}, gone_ms);
  bench.settle(gone_ms);
  EXPECT_EQ(bench.given(0).size() + bench.given(1).size(), 1U) << "the group goes on";
}

}  // namespace
}  // namespace headgate::broker::shard
