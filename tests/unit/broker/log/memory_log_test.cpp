#include "broker/log/memory_log.hpp"

#include <deque>

#include "tests/unit/broker/batches.hpp"

namespace headgate::broker::log {
namespace {

using tests::owned_message;

// A batch of `count` records with an offset, for the log's end.
batch_ref next_batch(const memory_log& log, std::uint32_t count, std::size_t payload_size) {
  record::batch_builder builder(record::producer_id{1});
  std::vector<owned_message> messages(count, {"t", 1, std::string(payload_size, 'x')});
  messages.push_back({"t", 0, "passing"});
  auto batch = tests::batch_of(builder, messages);
  batch.header().base_offset = log.end().value;
  return batch;
}

TEST(memory_log, starts_empty) {
  const memory_log log(1000);
  EXPECT_EQ(log.start(), offset{0});
  EXPECT_EQ(log.end(), offset{0});
  EXPECT_EQ(log.bytes(), 0U);
  EXPECT_FALSE(log.read(offset{0}));
}

TEST(memory_log, the_newest_batch_stays_however_large) {
  memory_log log(1000);
  log.append(next_batch(log, 2, 10));
  log.append(next_batch(log, 3, 5000));
  EXPECT_EQ(log.start(), offset{2});
  EXPECT_EQ(log.end(), offset{5});
  EXPECT_GT(log.bytes(), 15'000U);
  log.append(next_batch(log, 1, 10));
  EXPECT_EQ(log.start(), offset{5});
  EXPECT_LT(log.bytes(), 1000U);
}

TEST(memory_log, property_like_a_deque_of_batches) {
  tests::for_each_seed([](tests::dice& dice) {
    const std::uint64_t max_bytes = 2000 + dice.below(20'000);
    memory_log log(max_bytes);
    std::deque<batch_ref> model;
    std::uint64_t bytes = 0;
    for (int step = 0; step < 300; ++step) {
      const auto batch = next_batch(log, 1 + dice.below(6), dice.below(dice.one_in(20) ? 9000 : 300));
      log.append(batch);
      model.push_back(batch);
      bytes += batch.header().size;
      while (bytes > max_bytes && model.size() > 1) {
        bytes -= model.front().header().size;
        model.pop_front();
      }
      ASSERT_EQ(log.bytes(), bytes);
      ASSERT_EQ(log.start().value, model.front().header().base_offset);
      ASSERT_EQ(log.end().value, batch.header().base_offset + batch.header().count);
      auto at = log.start();
      for (const auto& expected : model) {
        for (std::uint32_t n = 0; n < expected.header().count; ++n, ++at.value) {
          ASSERT_EQ(&log.read(at).header(), &expected.header()) << "offset " << at.value;
        }
      }
      ASSERT_EQ(at, log.end());
      ASSERT_FALSE(log.read(at));
      ASSERT_FALSE(log.read(offset{at.value + 100}));
    }
  });
}

TEST(memory_log_death, batches_with_a_gap_and_reads_below_the_start_are_our_bugs) {
  memory_log log(1000);
  auto batch = next_batch(log, 2, 1000);
  batch.header().base_offset = 1;
  EXPECT_DEATH(log.append(batch), "assertion failed");
  log.append(next_batch(log, 2, 1000));
  log.append(next_batch(log, 2, 1000));
  EXPECT_DEATH((void)log.read(offset{1}), "assertion failed");
}

}  // namespace
}  // namespace headgate::broker::log
