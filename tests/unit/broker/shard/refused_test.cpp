// What the log refuses: it is not delivered, its sender hears of it in order, and the offsets are given again.

#include "tests/support/scripted_log.hpp"
#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::scripted_log;
using tests::shard_bench;

// "+3" for records taken up to sequence 3, "-3" for refused ones.
std::vector<std::string> answers(const shard_bench& bench, std::uint16_t worker) {
  std::vector<std::string> found;
  for (const auto& message : bench.inboxes[worker]->messages) {
    if (const auto* taken = std::get_if<link::appended>(&message)) {
      found.push_back("+" + std::to_string(taken->through.value));
    }
    if (const auto* refused = std::get_if<link::refused>(&message)) {
      EXPECT_EQ(refused->shard, base::shard_id{4});
      found.push_back("-" + std::to_string(refused->through.value));
    }
  }
  return found;
}

using lines = std::vector<std::string>;

TEST(refused, batch_is_not_delivered_and_its_sender_hears_of_it) {
  scripted_log log;
  shard_bench bench(2, log);
  bench.add_filter(1, 1, "#");
  bench.clear_inboxes();
  bench.append(0, {{"a", 1, ""}, {"a", 2, ""}, {"a", 0, ""}});
  log.refuse(1);
  bench.run();
  EXPECT_EQ(answers(bench, 0), lines{"-2"});
  EXPECT_EQ(bench.streamed(1), std::vector<delivered>{});
  const auto view = view_of(bench.state);
  EXPECT_EQ(view.records_refused, 2U);
  EXPECT_EQ(view.qos0_dropped, 1U);
  EXPECT_EQ(view.log_end, 0U);
  EXPECT_EQ(view.undelivered_bytes, 0U);
}

TEST(refused, offsets_are_given_again) {
  scripted_log log;
  shard_bench bench(1, log);
  bench.add_filter(0, 1, "#");
  bench.clear_inboxes();
  bench.append(0, {{"a", 1, ""}});
  log.refuse(1);
  bench.run();
  const auto again = bench.append(0, {{"a", 1, ""}});
  EXPECT_EQ(again.base_offset, 0U);
  log.commit(log.end());
  bench.run();
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#1", 0, {1}}}));
  EXPECT_EQ(answers(bench, 0), (lines{"-1", "+2"}));
}

// Batches of earlier turns, which wait for the disk.
TEST(refused, of_earlier_turns_behind_what_is_committed_before) {
  scripted_log log;
  shard_bench bench(2, log);
  bench.add_filter(1, 1, "#");
  bench.clear_inboxes();
  for (int n = 0; n < 4; ++n) {
    bench.append(static_cast<std::uint16_t>(n % 2), {{"a", 1, ""}});
    bench.run();
  }
  log.refuse(2);
  bench.run();
  // Those before are not committed yet: an answer now would be taken for theirs.
  EXPECT_EQ(answers(bench, 0), lines{});
  EXPECT_EQ(answers(bench, 1), lines{});
  bench.append(0, {{"a", 1, ""}});
  bench.run();
  log.commit(log::offset{1});
  bench.run();
  EXPECT_EQ(answers(bench, 0), lines{"+1"});
  log.commit(log.end());
  bench.run();
  EXPECT_EQ(answers(bench, 0), (lines{"+1", "-2", "+3"}));
  EXPECT_EQ(answers(bench, 1), (lines{"+1", "-2"}));
  EXPECT_EQ(bench.streamed(1), (std::vector<delivered>{{"#0", 0, {1}}, {"#1", 1, {1}}, {"#4", 2, {1}}}));
}

// QoS 0 that came in a batch of its own is not the log's business.
TEST(refused, qos_0_goes_on_at_the_place_that_is_left) {
  scripted_log log;
  shard_bench bench(1, log);
  bench.add_filter(0, 1, "#");
  bench.clear_inboxes();
  bench.append(0, {{"a", 1, ""}});
  bench.run();
  bench.append(0, {{"a", 1, ""}});
  bench.append(0, {{"a", 0, ""}});
  log.refuse(1);
  bench.run();
  log.commit(log.end());
  bench.run();
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"#0", 0, {1}}, {"#2", 1, {1}}}));
  EXPECT_EQ(view_of(bench.state).delivered, 1U);
  EXPECT_EQ(view_of(bench.state).qos0_dropped, 0U);
}

}  // namespace
}  // namespace headgate::broker::shard
