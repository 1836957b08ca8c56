#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::owned_message;
using tests::shard_bench;

class on_publish_batch : public ::testing::TestWithParam<tests::log_kind> {};

INSTANTIATE_TEST_SUITE_P(logs, on_publish_batch, ::testing::Values(tests::log_kind::now, tests::log_kind::later),
                         ::testing::PrintToStringParamName());

TEST_P(on_publish_batch, gives_offsets_in_order_and_qos_0_its_place_without_one) {
  shard_bench bench(1, GetParam());
  bench.add_filter(0, 3, "#");
  bench.publish(0, {{"a", 1, ""}, {"b", 0, ""}, {"c", 1, ""}});
  const auto header = bench.publish(0, {{"d", 0, ""}, {"e", 1, ""}, {"f", 0, ""}});
  EXPECT_EQ(header.base_offset, 2U);
  EXPECT_EQ(bench.log.end(), log::offset{3});
  EXPECT_EQ(bench.streamed(0),
            (std::vector<delivered>{
                {"#0", 0, {3}}, {"#1", 1, {3}}, {"#2", 1, {3}}, {"#3", 2, {3}}, {"#4", 2, {3}}, {"#5", 3, {3}}}));
}

TEST_P(on_publish_batch, a_batch_of_qos_0_only_takes_no_place_in_the_log) {
  shard_bench bench(1, GetParam());
  bench.add_filter(0, 1, "a");
  bench.clear_inboxes();
  bench.publish(0, {{"a", 0, ""}, {"a", 0, ""}});
  EXPECT_EQ(bench.log.end(), log::offset{0});
  EXPECT_FALSE(bench.log.read(log::offset{0}).batch);
  ASSERT_EQ(bench.inboxes[0]->messages.size(), 1U);
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#0", 0, {1}}, {"#1", 0, {1}}}));
}

TEST_P(on_publish_batch, tells_the_producer_alone_through_which_sequence_it_is_committed) {
  shard_bench bench(3, GetParam());
  bench.publish(1, {{"a", 1, ""}, {"a", 0, ""}, {"a", 1, ""}});
  bench.publish(2, {{"a", 1, ""}});
  bench.publish(1, {{"a", 1, ""}});
  EXPECT_TRUE(bench.inboxes[0]->messages.empty());
  const auto first = bench.all<link::appended>(1);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].shard, base::shard_id{4});
  EXPECT_EQ(first[0].through, record::sequence{2});
  EXPECT_EQ(first[1].through, record::sequence{3});
  const auto second = bench.all<link::appended>(2);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].through, record::sequence{1});
}

TEST_P(on_publish_batch, a_worker_has_its_stream_before_its_acknowledgement) {
  shard_bench bench(1, GetParam());
  bench.add_filter(0, 1, "a");
  bench.clear_inboxes();
  bench.publish(0, {{"a", 1, ""}});
  ASSERT_EQ(bench.inboxes[0]->messages.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<link::stream_batch>(bench.inboxes[0]->messages[0]));
  EXPECT_TRUE(std::holds_alternative<link::appended>(bench.inboxes[0]->messages[1]));
  ASSERT_EQ(bench.inboxes[0]->batches.size(), 1U);
}

TEST_P(on_publish_batch, the_shards_clock_never_goes_back) {
  shard_bench bench(1, GetParam());
  EXPECT_EQ(bench.publish(0, {{"a", 1, ""}}, 5000).timestamp_ms, 5000U);
  EXPECT_EQ(bench.publish(0, {{"a", 1, ""}}, 3000).timestamp_ms, 5000U);
  EXPECT_EQ(bench.publish(0, {{"a", 0, ""}}, 5001).timestamp_ms, 5001U);
  EXPECT_EQ(bench.publish(0, {{"a", 1, ""}}, 0).timestamp_ms, 5001U);
}

TEST_P(on_publish_batch, a_record_with_retain_has_an_offset_also_at_qos_0) {
  shard_bench bench(1, GetParam());
  bench.add_filter(0, 3, "#");
  bench.publish(0, {{"a", 0, "", {}, true}, {"b", 0, ""}, {"c", 1, "", {}, true}});
  EXPECT_EQ(bench.log.end(), log::offset{2});
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#0", 0, {3}}, {"#1", 1, {3}}, {"#2", 1, {3}}}));
  EXPECT_EQ(bench.all<link::appended>(0).back().through, record::sequence{2});
}

TEST_P(on_publish_batch, a_stream_tells_how_far_it_has_come) {
  shard_bench bench(2, GetParam());
  bench.add_filter(0, 1, "a");
  bench.publish(1, {{"a", 1, ""}, {"b", 1, ""}, {"b", 0, ""}});
  bench.publish(1, {{"b", 0, ""}, {"a", 0, ""}});
  const auto streams = bench.all<link::stream_batch>(0);
  ASSERT_EQ(streams.size(), 2U);
  for (const auto& stream : streams) {
    EXPECT_EQ(stream.shard, base::shard_id{4});
    EXPECT_EQ(stream.to, link::offset{2});
    EXPECT_LT(stream.batch, bench.inboxes[0]->batches.size());
  }
}

TEST_P(on_publish_batch, a_worker_for_which_nothing_matches_hears_of_it_now_and_then) {
  shard_bench bench(3, GetParam());
  bench.publish(0, std::vector<owned_message>(1000, {"other", 1, ""}));
  bench.add_filter(1, 1, "never");
  bench.add_filter(2, 1, "soon");
  bench.remove_filter(2, 1);
  std::size_t heard = 0;
  for (int n = 0; n < 10; ++n) {
    bench.publish(0, std::vector<owned_message>(1000, {"other", 1, ""}));
    const auto told = bench.all<link::stream_progress>(1);
    if (told.size() == heard) continue;
    heard = told.size();
    EXPECT_EQ(told.back().to.value, bench.next_offset);
  }
  // After 5,000 and 10,000.
  EXPECT_EQ(heard, 2U);
  EXPECT_TRUE(bench.all<link::stream_progress>(0).empty());
  EXPECT_TRUE(bench.all<link::stream_progress>(2).empty());
}

TEST_P(on_publish_batch, one_look_up_a_record_and_one_match_a_topic) {
  shard_bench bench(3, GetParam());
  for (std::uint16_t worker = 0; worker < 3; ++worker) {
    bench.add_filter(worker, 1, "a/+");
    bench.add_filter(worker, 2, "a/#");
    bench.add_filter(worker, 3, "a/b");
  }
  std::vector<owned_message> messages;
  for (int n = 0; n < 100; ++n) messages.push_back({"a/b", static_cast<std::uint8_t>(n % 2), ""});
  bench.publish(0, messages);
  EXPECT_EQ(bench.state.counters.topic_lookups, 100U);
  EXPECT_EQ(bench.state.counters.wildcard_matches, 1U);
  EXPECT_EQ(bench.state.counters.records, 100U);
  EXPECT_EQ(bench.state.counters.batches, 1U);
  EXPECT_EQ(bench.state.counters.entries_out, 300U);
}

TEST_P(on_publish_batch, churn_of_literal_routes_spoils_no_cached_result) {
  shard_bench bench(1, GetParam());
  bench.add_filter(0, 1, "a/+");
  bench.publish(0, {{"a/b", 0, ""}});
  const auto matches = bench.state.counters.wildcard_matches;
  const auto version = bench.state.wildcards.version_of(wildcard_tree::bucket_of("a/b"));
  for (std::uint32_t id = 10; id < 60; ++id) {
    bench.add_filter(0, id, id % 2 == 0 ? "a/b" : "a/c");
    bench.publish(0, {{"a/b", 0, ""}});
    bench.remove_filter(0, id);
    bench.publish(0, {{"a/b", 0, ""}});
  }
  EXPECT_EQ(bench.state.counters.wildcard_matches, matches);
  EXPECT_EQ(bench.state.wildcards.version_of(wildcard_tree::bucket_of("a/b")), version);
  bench.add_filter(0, 2, "a/#");
  bench.publish(0, {{"a/b", 0, ""}});
  EXPECT_EQ(bench.state.counters.wildcard_matches, matches + 1);
}

TEST_P(on_publish_batch, the_last_wildcard_takes_its_results_along) {
  shard_bench bench(1, GetParam());
  bench.add_filter(0, 1, "+");
  bench.add_filter(0, 2, "a");
  bench.publish(0, {{"a", 0, ""}});
  bench.remove_filter(0, 1);
  bench.clear_inboxes();
  bench.publish(0, {{"a", 0, ""}});
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#1", 0, {2}}}));
  bench.add_filter(0, 3, "#");
  bench.clear_inboxes();
  bench.publish(0, {{"a", 0, ""}});
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#2", 0, {2, 3}}}));
}

void change_filters(shard_bench& bench, tests::dice& dice, std::size_t workers) {
  const auto worker = static_cast<std::uint16_t>(dice.below(workers));
  const auto id = dice.below(12);
  if (bench.filters[worker].contains(id)) {
    bench.remove_filter(worker, id);
    return;
  }
  const auto text = tests::random_filter(dice);
  // A worker has one number for a filter.
  for (const auto& [other, present] : bench.filters[worker]) {
    if (present == text) return;
  }
  bench.add_filter(worker, id, text);
}

void expect_deliveries_like_the_model(tests::dice& dice, tests::log_kind kind, std::size_t workers) {
  // Few topic entries, so that they are swept away under way.
  shard_bench bench(workers, kind, 1U << 16, 20);
  for (int step = 0; step < 300 && !::testing::Test::HasFailure(); ++step) {
    for (auto changes = dice.below(4); changes > 0; --changes) change_filters(bench, dice, workers);
    bench.clear_inboxes();
    const auto producer = static_cast<std::uint16_t>(dice.below(workers));
    const auto first = bench.published.size();
    const auto lookups = bench.state.counters.topic_lookups;
    // Groups of 16: none full, just full, several.
    const auto count = dice.one_in(3) ? 16 * (1 + dice.below(3)) : 1 + dice.below(50);
    std::vector<owned_message> messages;
    for (std::uint32_t n = 0; n < count; ++n) {
      messages.push_back(
          {tests::random_topic(dice), static_cast<std::uint8_t>(dice.below(3)), "m", {}, dice.one_in(8)});
    }
    bench.publish(producer, messages);
    EXPECT_EQ(bench.state.counters.topic_lookups - lookups, count);
    EXPECT_EQ(bench.log.end().value, bench.next_offset);
    for (std::uint16_t worker = 0; worker < workers; ++worker) {
      EXPECT_EQ(bench.streamed(worker), bench.expected(worker, first)) << "worker " << worker;
    }
  }
}

TEST_P(on_publish_batch, property_every_record_reaches_the_filters_that_match_on_one_worker) {
  tests::for_each_seed([](tests::dice& dice) { expect_deliveries_like_the_model(dice, GetParam(), 1); });
}

TEST_P(on_publish_batch, property_every_record_reaches_the_filters_that_match_on_three_workers) {
  tests::for_each_seed([](tests::dice& dice) { expect_deliveries_like_the_model(dice, GetParam(), 3); });
}

}  // namespace
}  // namespace headgate::broker::shard
