#include "base/limits.hpp"
#include "tests/unit/broker/shard/group_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::group_bench;
using tests::log_kind;
using tests::owned_message;

class groups : public ::testing::TestWithParam<log_kind> {};

INSTANTIATE_TEST_SUITE_P(logs, groups, ::testing::Values(log_kind::now, log_kind::later),
                         ::testing::PrintToStringParamName());

std::vector<owned_message> count_of(std::size_t count, const owned_message& message) {
  return std::vector<owned_message>(count, message);
}

TEST_P(groups, each_message_goes_to_one_member_in_turn) {
  group_bench bench(2, GetParam());
  bench.join(0, 1, "$share/g/a/+");
  bench.join(1, 5, "$share/g/a/+");
  bench.credit(0, 1, 10);
  bench.credit(1, 5, 10);
  bench.publish(0, {{"a/b", 1, ""}, {"a/b", 2, ""}, {"a/c", 0, ""}, {"a/b", 1, ""}, {"b", 1, ""}});
  EXPECT_EQ(bench.given(0), (std::vector<delivered>{{"#0", 0, {1}}, {"#2", 2, {1}}}));
  EXPECT_EQ(bench.given(1), (std::vector<delivered>{{"#1", 1, {5}}, {"#3", 2, {5}}}));
  EXPECT_TRUE(bench.streamed(0).empty());
  EXPECT_EQ(view_of(bench.state).groups, 1U);
  EXPECT_EQ(view_of(bench.state).groups_behind, 0U);
}

TEST_P(groups, a_client_with_the_same_filter_of_its_own_gets_both) {
  group_bench bench(1, GetParam());
  bench.join(0, 1, "$share/g/a");
  bench.add_filter(0, 2, "a");
  bench.join(0, 3, "$share/h/a");
  bench.credit(0, 1, 10);
  bench.credit(0, 3, 10);
  bench.publish(0, {{"a", 1, ""}, {"a", 1, ""}});
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#0", 0, {2}}, {"#1", 1, {2}}}));
  EXPECT_EQ(bench.given(0), (std::vector<delivered>{{"#0", 0, {1}}, {"#0", 0, {3}}, {"#1", 1, {1}}, {"#1", 1, {3}}}));
}

TEST_P(groups, without_room_it_is_behind_and_reads_the_log) {
  group_bench bench(1, GetParam());
  bench.join(0, 1, "$share/g/a");
  bench.publish(0, {{"a", 1, ""}, {"b", 1, ""}, {"a", 0, ""}, {"a", 1, ""}});
  EXPECT_TRUE(bench.given(0).empty());
  EXPECT_EQ(view_of(bench.state).group_qos0_dropped, 1U);
  EXPECT_EQ(view_of(bench.state).groups_behind, 1U);
  bench.credit(0, 1, 1);
  bench.settle();
  EXPECT_EQ(bench.given(0), (std::vector<delivered>{{"#0", 0, {1}}}));
  // Behind, it takes what comes in order; QoS 0 goes out at once.
  bench.credit(0, 1, 3);
  bench.publish(0, {{"a", 1, ""}, {"a", 0, ""}, {"a", 0, "", {}, true}});
  bench.settle();
  EXPECT_EQ(view_of(bench.state).groups_behind, 1U);
  bench.credit(0, 1, 10);
  bench.settle();
  std::vector<std::string> payloads;
  for (const auto& record : bench.given(0)) payloads.push_back(record.payload);
  EXPECT_EQ(payloads, (std::vector<std::string>{"#0", "#5", "#6", "#3", "#4"}));
  EXPECT_EQ(view_of(bench.state).groups_behind, 0U);
}

TEST_P(groups, what_comes_back_goes_to_another_first_of_all) {
  group_bench bench(2, GetParam());
  bench.join(0, 1, "$share/g/a");
  bench.credit(0, 1, 2);
  bench.publish(0, count_of(4, {"a", 1, ""}));
  ASSERT_EQ(bench.given(0).size(), 2U);
  bench.clear_inboxes();
  bench.join(1, 7, "$share/g/a");
  bench.credit(1, 7, 2);
  bench.give_back(0, 1, 1);
  bench.settle();
  EXPECT_EQ(bench.given(1), (std::vector<delivered>{{"#1", 1, {7}}, {"#2", 2, {7}}}));
  // Only the holder's word counts.
  bench.done(0, 1, 1);
  bench.done(1, 7, 0);
  bench.give_back(0, 1, 77);
  bench.give_back(0, 99, 0);
  EXPECT_EQ(view_of(bench.state).group_ignored, 4U);
  EXPECT_EQ(view_of(bench.state).group_returned, 1U);
}

TEST_P(groups, what_a_member_that_leaves_had_goes_to_the_others) {
  group_bench bench(2, GetParam());
  bench.join(0, 1, "$share/g/a");
  bench.join(1, 1, "$share/g/a");
  bench.credit(0, 1, 100);
  bench.publish(0, count_of(3, {"a", 1, ""}));
  bench.done(0, 1, 1);
  bench.leave(0, 1, "$share/g/a", 0);
  bench.credit(1, 1, 100);
  bench.settle();
  EXPECT_EQ(bench.given(1), (std::vector<delivered>{{"#0", 0, {1}}, {"#2", 2, {1}}}));
  EXPECT_EQ(bench.all<link::route_withdrawn>(0).size(), 1U);
}

TEST_P(groups, so_much_undone_and_no_more) {
  group_bench bench(1, GetParam());
  bench.join(0, 1, "$share/g/a");
  bench.credit(0, 1, 10'000);
  bench.publish(0, count_of(base::max_group_undone + 500, {"a", 1, ""}));
  bench.settle();
  EXPECT_EQ(bench.given(0).size(), base::max_group_undone);
  // A hole stops nobody: all but the first are done.
  for (std::uint64_t place = 1; place < base::max_group_undone; ++place) bench.done(0, 1, place);
  bench.settle();
  EXPECT_EQ(bench.given(0).size(), base::max_group_undone + 500);
  bench.give_back(0, 1, 0);
  bench.settle();
  EXPECT_EQ(bench.given(0).back(), (delivered{"#0", 0, {1}}));
}

TEST_P(groups, a_group_lingers_after_its_last_member_and_goes_on_with_the_next) {
  group_bench bench(1, GetParam());
  bench.join(0, 1, "$share/g/a");
  bench.join(0, 2, "$share/other/a");
  bench.credit(0, 1, 1);
  bench.publish(0, count_of(2, {"a", 1, ""}), 1'000'000);
  bench.leave(0, 1, "$share/g/a", 60, 1'000'000);
  bench.leave(0, 2, "$share/other/a", 0, 1'000'000);
  EXPECT_EQ(view_of(bench.state).groups, 1U);
  bench.publish(0, count_of(2, {"a", 1, ""}), 1'030'000);
  bench.clear_inboxes();
  bench.join(0, 3, "$share/g/a");
  bench.credit(0, 3, 100);
  bench.settle(1'030'000);
  EXPECT_EQ(bench.given(0).size(), 4U);
  // The time that the first one asked for still counts.
  bench.leave(0, 3, "$share/g/a", 0, 1'040'000);
  bench.settle(1'050'000);
  EXPECT_EQ(view_of(bench.state).groups, 1U);
  bench.settle(1'061'000);
  EXPECT_EQ(view_of(bench.state).groups, 0U);
  bench.publish(0, {{"a", 1, ""}}, 1'062'000);
  bench.clear_inboxes();
  // A new group of the same name begins at the end.
  bench.join(0, 4, "$share/g/a");
  bench.credit(0, 4, 100);
  bench.settle(1'063'000);
  EXPECT_TRUE(bench.given(0).empty());
  EXPECT_EQ(bench.all<link::route_registered>(0).back().end, link::offset{5});
  bench.leave(0, 4, "$share/g/a", 0xffff'ffff, 1'064'000);
  bench.settle(~std::uint64_t{0} - 1);
  EXPECT_EQ(view_of(bench.state).groups, 1U);
}

TEST_P(groups, what_expired_before_a_member_had_room_is_done) {
  group_bench bench(1, GetParam());
  bench.join(0, 1, "$share/g/a");
  bench.publish(0, {{"a", 1, "", {}, false, 10}, {"a", 1, ""}, {"a", 1, "", {}, false, 11}}, 1'000'000);
  bench.credit(0, 1, 100);
  bench.settle(1'010'000);
  EXPECT_EQ(bench.given(0), (std::vector<delivered>{{"#1", 1, {1}}, {"#2", 2, {1}}}));
  EXPECT_EQ(view_of(bench.state).group_expired, 1U);
  bench.give_back(0, 1, 2);
  bench.settle(1'011'000);
  EXPECT_EQ(view_of(bench.state).group_expired, 2U);
  EXPECT_EQ(view_of(bench.state).groups_behind, 0U);
}

TEST_P(groups, what_the_log_dropped_is_counted) {
  group_bench bench(1, GetParam(), 1000);
  bench.join(0, 1, "$share/g/a");
  bench.credit(0, 1, 1);
  for (int n = 0; n < 10; ++n) bench.publish(0, {{"a", 1, std::string(400, 'x')}});
  const auto start = bench.log.start().value;
  ASSERT_GT(start, 2U);
  bench.give_back(0, 1, 0);
  bench.credit(0, 1, 100);
  bench.settle();
  EXPECT_EQ(view_of(bench.state).group_lost_offsets, start);
  EXPECT_EQ(bench.given(0).size(), 1 + bench.next_offset - start);
  EXPECT_EQ(view_of(bench.state).groups_behind, 0U);
}

TEST_P(groups, joining_again_asks_for_the_end_once_more_and_changes_nothing) {
  group_bench bench(1, GetParam());
  bench.join(0, 1, "$share/g/a");
  bench.credit(0, 1, 100);
  bench.publish(0, {{"a", 1, ""}});
  bench.join(0, 1, "$share/g/a");
  bench.publish(0, {{"a", 1, ""}});
  EXPECT_EQ(bench.given(0).size(), 2U);
  const auto answers = bench.all<link::route_registered>(0);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].end, link::offset{1});
}

TEST_P(groups, a_batch_is_kept_for_a_worker_once) {
  group_bench bench(1, GetParam());
  bench.join(0, 1, "$share/g/a");
  bench.credit(0, 1, 1000);
  bench.publish(0, count_of(500, {"a", 1, ""}));
  EXPECT_EQ(bench.given(0).size(), 500U);
  EXPECT_EQ(bench.inboxes[0]->batches.size(), 1U);
}

TEST_P(groups, a_read_finds_what_the_clients_own_filters_match_and_no_groups) {
  group_bench bench(1, GetParam());
  // The first group of a shard has the number 0 there, as this filter has at the worker.
  bench.join(0, 7, "$share/g/a");
  bench.add_filter(0, 0, "b");
  bench.publish(0, {{"a", 1, ""}, {"b", 1, ""}});
  bench.clear_inboxes();
  const std::vector<std::uint32_t> filters{0};
  on_read(bench.state, {base::worker_id{0}, {}, link::offset{0}, 0, 0, 100, 1U << 20}, filters, {}, bench.inboxes);
  bench.settle();
  std::vector<delivered> read;
  for (const auto& batch : bench.all<link::read_batch>(0)) bench.collect(0, batch, read);
  EXPECT_EQ(read, (std::vector<delivered>{{"#1", 1, {0}}}));
}

// A turn reads no more than its share for groups, and says that it is not done.
TEST_P(groups, catching_up_goes_in_steps) {
  group_bench bench(1, GetParam());
  for (std::uint32_t id = 1; id <= 3; ++id) bench.join(0, id, "$share/g" + std::to_string(id) + "/a");
  for (int n = 0; n < 40; ++n) bench.publish(0, {{"b", 1, std::string(100'000, 'x')}, {"a", 1, ""}});
  for (std::uint32_t id = 1; id <= 3; ++id) bench.credit(0, id, 1000);
  if (!bench.later) {
    bench.run();
    EXPECT_TRUE(wants_turn(bench.state));
    EXPECT_LT(bench.given(0).size(), 40U);
  }
  bench.settle();
  EXPECT_FALSE(wants_turn(bench.state));
  EXPECT_EQ(bench.given(0).size(), 120U);
}

}  // namespace
}  // namespace headgate::broker::shard
