#include "tests/support/later_log.hpp"

#include "tests/unit/broker/batches.hpp"

namespace headgate::broker::tests {
namespace {

void append(later_log& log, record::batch_builder& builder) {
  auto batch = batch_of(builder, {{"t", 1, "x"}, {"t", 1, "y"}});
  batch.header().base_offset = log.end().value;
  log.append(std::move(batch));
}

TEST(later_log, commits_and_reads_when_it_is_told) {
  later_log log(1 << 20);
  record::batch_builder builder(record::producer_id{1});
  append(log, builder);
  append(log, builder);
  EXPECT_EQ(log.end(), log::offset{4});
  EXPECT_EQ(log.committed(), log::offset{0});
  EXPECT_FALSE(log.read(log::offset{0}).later) << "nothing is committed there";
  log.commit(log::offset{2});
  EXPECT_EQ(log.committed(), log::offset{2});
  EXPECT_TRUE(log.read(log::offset{1}).later);
  EXPECT_TRUE(log.read(log::offset{1}).later);
  log.answer_reads();
  EXPECT_TRUE(log.read(log::offset{0}).later) << "that was not asked yet";
  EXPECT_TRUE(log.read(log::offset{1}).batch);
  EXPECT_TRUE(log.read(log::offset{1}).later) << "a new question";
  EXPECT_FALSE(log.read(log::offset{2}).batch);
}

TEST(later_log, commits_and_reads_after_some_calls) {
  later_log log(1 << 20, 2);
  record::batch_builder builder(record::producer_id{1});
  append(log, builder);
  EXPECT_EQ(log.committed(), log::offset{0});
  EXPECT_EQ(log.committed(), log::offset{2});
  EXPECT_TRUE(log.read(log::offset{0}).later);
  EXPECT_TRUE(log.read(log::offset{0}).batch);
}

}  // namespace
}  // namespace headgate::broker::tests
