#include "broker/log/memory_log.hpp"

#include <array>
#include <deque>
#include <set>

#include "base/limits.hpp"
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
  memory_log log(1000);
  EXPECT_EQ(log.start(), offset{0});
  EXPECT_EQ(log.end(), offset{0});
  EXPECT_EQ(log.bytes(), 0U);
  EXPECT_EQ(log.committed(), offset{0});
  EXPECT_FALSE(log.read(offset{0}).batch);
  EXPECT_FALSE(log.read(offset{0}).later);
}

TEST(memory_log, the_newest_batch_stays_however_large) {
  memory_log log(1000);
  log.append(next_batch(log, 2, 10));
  record::batch_builder builder(record::producer_id{1});
  auto large = tests::batch_of(builder, {{"t", 1, std::string(500'000, 'x')}});
  large.header().base_offset = log.end().value;
  log.append(std::move(large));
  EXPECT_EQ(log.start(), offset{2});
  EXPECT_EQ(log.end(), offset{3});
  EXPECT_GT(log.bytes(), 500'000U);
  log.append(next_batch(log, 1, 10));
  EXPECT_EQ(log.start(), offset{3});
  EXPECT_EQ(log.bytes(), base::record_block_bytes);
}

// The memory that the batches keep alive: each of their blocks, once.
std::uint64_t memory_of(const std::deque<batch_ref>& batches) {
  std::set<record::block*> blocks;
  std::uint64_t bytes = 0;
  for (const auto& batch : batches) {
    if (blocks.insert(batch.memory.get()).second) bytes += batch.memory->capacity;
  }
  return bytes;
}

TEST(memory_log, property_like_a_deque_of_batches_bounded_by_the_memory_it_keeps) {
  tests::for_each_seed([](tests::dice& dice) {
    const std::uint64_t max_bytes = (1 + dice.below(6)) * base::record_block_bytes;
    memory_log log(max_bytes);
    // Several workers write to a shard, each into blocks of its own.
    std::array<record::batch_builder, 3> builders{record::batch_builder(record::producer_id{1}),
                                                  record::batch_builder(record::producer_id{2}),
                                                  record::batch_builder(record::producer_id{3})};
    std::deque<batch_ref> model;
    for (int step = 0; step < 400; ++step) {
      auto& builder = builders[dice.below(builders.size())];
      // What QoS 0 leaves in a block counts as well.
      while (dice.one_in(2)) tests::batch_of(builder, {{"t", 0, std::string(dice.below(20'000), 'x')}});
      const owned_message message{"t", 1, std::string(dice.below(9000), 'x')};
      builder.add(message.view());
      for (auto more = dice.below(6); more > 0 && builder.fits(record::batch_builder::size_of(message.view()));
           --more) {
        builder.add(message.view());
      }
      model.push_back(builder.seal());
      model.back().header().base_offset = log.end().value;
      log.append(model.back());
      while (memory_of(model) > max_bytes && model.size() > 1) model.pop_front();
      ASSERT_EQ(log.bytes(), memory_of(model));
      ASSERT_EQ(log.start().value, model.front().header().base_offset);
      auto at = log.start();
      for (const auto& expected : model) {
        for (std::uint32_t n = 0; n < expected.header().count; ++n, ++at.value) {
          ASSERT_EQ(&log.read(at).batch.header(), &expected.header()) << "offset " << at.value;
        }
      }
      ASSERT_EQ(at, log.end());
      ASSERT_EQ(log.committed(), log.end());
      ASSERT_FALSE(log.read(at).batch);
      ASSERT_FALSE(log.read(offset{at.value + 100}).batch);
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
