#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::shard_bench;

TEST(on_register_route, answers_with_the_shards_end_to_the_worker_that_asked) {
  shard_bench bench(2);
  bench.publish(0, {{"a", 1, ""}, {"a", 0, ""}, {"b", 1, ""}});
  bench.clear_inboxes();
  bench.add_filter(1, 7, "a");
  bench.add_filter(1, 8, "b/#");
  EXPECT_TRUE(bench.inboxes[0]->messages.empty());
  const auto answers = bench.all<link::route_registered>(1);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].request, 57U);
  EXPECT_EQ(answers[0].end, link::offset{2});
  EXPECT_EQ(answers[1].request, 58U);
  EXPECT_EQ(answers[1].end, link::offset{2});
}

TEST(on_register_route, asking_again_answers_again_and_delivers_once) {
  shard_bench bench(1);
  for (const auto* text : {"a", "+"}) {
    const std::uint32_t id = *text == 'a' ? 1 : 2;
    bench.add_filter(0, id, text);
    bench.add_filter(0, id, text);
  }
  EXPECT_EQ(bench.all<link::route_registered>(0).size(), 4U);
  bench.publish(0, {{"a", 1, ""}});
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#0", 0, {1, 2}}}));
}

TEST(on_withdraw_route, is_confirmed_and_ends_deliveries_to_that_filter_alone) {
  shard_bench bench(2);
  for (std::uint16_t worker = 0; worker < 2; ++worker) {
    bench.add_filter(worker, 1, "a");
    bench.add_filter(worker, 2, "#");
  }
  bench.remove_filter(0, 1);
  bench.remove_filter(1, 2);
  const auto confirmed = bench.all<link::route_withdrawn>(0);
  ASSERT_EQ(confirmed.size(), 1U);
  EXPECT_EQ(confirmed[0].filter, link::filter_id{1});
  bench.publish(0, {{"a", 1, ""}});
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#0", 0, {2}}}));
  EXPECT_EQ(bench.streamed(1), (std::vector<delivered>{{"#0", 0, {1}}}));
}

TEST(on_withdraw_route, a_route_that_is_not_there_is_confirmed_too) {
  shard_bench bench(1);
  on_withdraw_route(bench.state, {base::worker_id{0}, link::filter_id{5}, "a"}, base::wall_ms{0}, bench.inboxes);
  on_withdraw_route(bench.state, {base::worker_id{0}, link::filter_id{6}, "a/+"}, base::wall_ms{0}, bench.inboxes);
  EXPECT_EQ(bench.all<link::route_withdrawn>(0).size(), 2U);
}

}  // namespace
}  // namespace headgate::broker::shard
