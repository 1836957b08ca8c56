#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::log_kind;
using tests::owned_message;
using tests::shard_bench;

class on_retained : public ::testing::TestWithParam<log_kind> {
 protected:
  static void ask(shard_bench& bench, std::string_view filter, std::uint64_t below, std::string_view after = {},
                  std::uint32_t places = 1000) {
    shard::on_retained(bench.state, {base::worker_id{0}, 77, filter, after, link::offset{below}, places, 1U << 30},
                       base::wall_ms{1'000'000}, bench.inboxes);
  }
  static std::vector<std::string> payloads(const shard_bench& bench) {
    std::vector<std::string> found;
    const auto& inbox = *bench.inboxes[0];
    for (const auto& message : bench.all<link::retained_message>(0)) {
      EXPECT_EQ(message.request, 77U);
      EXPECT_EQ(message.timestamp_ms, inbox.batches.at(message.batch).header().timestamp_ms);
      const auto& entry = inbox.entries.at(message.entry);
      EXPECT_EQ(entry.id_count, 0U);
      EXPECT_EQ(entry.place.value, inbox.batches.at(message.batch).header().base_offset);
      found.push_back(tests::payload_of(*entry.record));
    }
    return found;
  }
};

INSTANTIATE_TEST_SUITE_P(logs, on_retained, ::testing::Values(log_kind::now, log_kind::later),
                         ::testing::PrintToStringParamName());

TEST_P(on_retained, what_was_delivered_before_is_there) {
  shard_bench bench(1, GetParam());
  bench.publish(0, {{"a", 0, "", {}, true}, {"b", 1, ""}, {"b", 2, "", {}, true}, {"c", 1, "", {}, true}});
  bench.publish(0, {{"a", 1, "", {}, true}});
  bench.clear_inboxes();
  ask(bench, "#", 5);
  EXPECT_EQ(payloads(bench), (std::vector<std::string>{"#4", "#2", "#3"}));
  auto end = bench.all<link::retained_end>(0);
  ASSERT_EQ(end.size(), 1U);
  EXPECT_EQ(end[0].request, 77U);
  EXPECT_TRUE(end[0].done);
  bench.clear_inboxes();
  // At or above the end that a subscription was given, the stream brings it.
  ask(bench, "#", 3, "", 1);
  EXPECT_EQ(payloads(bench), (std::vector<std::string>{"#2"}));
  end = bench.all<link::retained_end>(0);
  EXPECT_FALSE(end[0].done);
  bench.clear_inboxes();
  ask(bench, "#", 3, end[0].cursor, 1);
  EXPECT_TRUE(payloads(bench).empty()) << "c has offset 3";
  EXPECT_TRUE(bench.all<link::retained_end>(0)[0].done);
  EXPECT_EQ(view_of(bench.state).retained_messages, 3U);
}

TEST(on_retained_later, waits_until_the_store_has_come_so_far) {
  shard_bench bench(1, log_kind::later);
  bench.append(0, {{"a", 1, "", {}, true}});
  shard::on_retained(bench.state, {base::worker_id{0}, 1, "a", "", link::offset{1}, 10, 1000}, base::wall_ms{1},
                     bench.inboxes);
  bench.run();
  EXPECT_TRUE(bench.inboxes[0]->empty());
  EXPECT_EQ(view_of(bench.state).questions_waiting, 1U);
  bench.settle();
  EXPECT_EQ(bench.all<link::retained_message>(0).size(), 1U);
  EXPECT_EQ(bench.all<link::retained_end>(0).size(), 1U);
}

// A store older than the log, as after a start: it is given what it lacks, in order, and goes on with what comes.
TEST_P(on_retained, an_older_store_is_filled_from_the_log) {
  shard_bench bench(1, GetParam());
  for (int n = 0; n < 50; ++n) {
    bench.publish(0, {{"t/" + std::to_string(n % 7), 1, "", {}, n % 2 == 0}, {"other", 1, ""}, {"other", 0, ""}});
  }
  memory_retained_store store(1U << 30);
  shard_state state(base::shard_id{0}, bench.log, store, 100);
  retained_answer expected;
  ASSERT_TRUE(bench.retained.scan({"#", "", state.delivered, 1000, 1U << 30, 0}, expected));
  for (int turns = 0; store.applied() < state.delivered; ++turns) {
    ASSERT_LT(turns, 1000);
    run_turn(state, shard_bench::at(1), bench.inboxes);
    if (bench.later) bench.later->answer_reads();
  }
  retained_answer found;
  ASSERT_TRUE(store.scan({"#", "", state.delivered, 1000, 1U << 30, 0}, found));
  ASSERT_EQ(found.values.size(), expected.values.size());
  for (std::size_t n = 0; n < found.values.size(); ++n) {
    EXPECT_EQ(found.values[n].header().base_offset, expected.values[n].header().base_offset);
  }
}

}  // namespace
}  // namespace headgate::broker::shard
