#include "base/limits.hpp"
#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::log_kind;
using tests::shard_bench;

TEST(run_commits, nothing_is_delivered_or_acknowledged_before_the_log_has_committed_it) {
  shard_bench bench(1, log_kind::later);
  bench.add_filter(0, 1, "#");
  bench.clear_inboxes();
  bench.append(0, {{"a", 1, ""}, {"a", 0, ""}});
  bench.append(0, {{"a", 0, ""}});
  bench.append(0, {{"a", 2, ""}});
  bench.run();
  EXPECT_TRUE(bench.inboxes[0]->empty());
  EXPECT_EQ(view_of(bench.state).delivered, 0U);
  EXPECT_EQ(view_of(bench.state).log_end, 2U);
  bench.later->commit(log::offset{1});
  bench.run();
  // QoS 0 goes with what it came behind.
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#0", 0, {1}}, {"#1", 1, {1}}, {"#2", 1, {1}}}));
  EXPECT_EQ(bench.all<link::appended>(0).size(), 1U);
  bench.later->commit();
  bench.run();
  EXPECT_EQ(bench.streamed(0).back(), (delivered{"#3", 1, {1}}));
  EXPECT_EQ(bench.all<link::appended>(0).back().through, record::sequence{2});
  EXPECT_EQ(bench.state.undelivered_bytes, 0U);
}

TEST(run_commits, a_route_starts_with_the_first_message_not_delivered_yet) {
  shard_bench bench(2, log_kind::later);
  bench.publish(0, {{"a", 1, ""}});
  bench.append(0, {{"a", 1, ""}});
  bench.add_filter(1, 1, "a");
  EXPECT_EQ(bench.all<link::route_registered>(1).back().end, link::offset{1});
  bench.settle();
  EXPECT_EQ(bench.streamed(1), (std::vector<delivered>{{"#1", 1, {1}}}));
}

TEST(run_commits, qos_0_is_bounded_while_the_log_stands_still) {
  shard_bench bench(1, log_kind::later);
  bench.add_filter(0, 1, "#");
  bench.append(0, {{"a", 1, ""}});
  const std::string payload(200'000, 'x');
  std::uint64_t sent = 0;
  for (; sent < 200; ++sent) bench.append(0, {{"a", 0, payload}});
  EXPECT_LE(bench.state.undelivered_bytes, base::uncommitted_bytes + 300'000);
  const auto dropped = view_of(bench.state).qos0_dropped;
  EXPECT_GT(dropped, 0U);
  bench.append(0, {{"a", 1, ""}});
  bench.settle();
  EXPECT_EQ(bench.streamed(0).size(), 2 + sent - dropped);
  EXPECT_EQ(bench.all<link::appended>(0).size(), 2U);
}

}  // namespace
}  // namespace headgate::broker::shard
