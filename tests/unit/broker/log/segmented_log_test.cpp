#include "broker/log/segmented_log.hpp"

#include "tests/unit/broker/log/log_house.hpp"

namespace headgate::broker::tests {
namespace {

using log::commit_policy;
using log::offset;

TEST(segmented_log, begins_empty_with_an_id_of_its_own) {
  log_house house;
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.log->start(), offset{0});
  EXPECT_EQ(house.log->end(), offset{0});
  EXPECT_EQ(house.log->committed(), offset{0});
  EXPECT_FALSE(house.log->read(offset{0}).batch);
  EXPECT_EQ(house.found.identity.id, 77U);
}

TEST(segmented_log, what_was_flushed_is_committed_and_read_without_what_passes) {
  log_house house;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one", "two"}));
  EXPECT_EQ(house.log->committed(), offset{2});
  ASSERT_TRUE(house.append({"three"}));
  house.close();
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.read_all(), house.appended);
  const auto read = house.log->read(offset{0});
  ASSERT_TRUE(read.batch);
  EXPECT_EQ(read.batch.header().count, 2U);
  EXPECT_EQ(read.batch.header().passing, 0U);
  EXPECT_EQ(read.batch.header().log_id, 77U);
}

TEST(segmented_log, one_write_for_all_batches_of_a_turn) {
  log_house house;
  ASSERT_TRUE(house.open());
  const auto before = house.log->view().writes;
  for (int n = 0; n < 5; ++n) house.stage({numbered(n)});
  ASSERT_TRUE(house.flush());
  EXPECT_EQ(house.log->view().writes, before + 1);
}

TEST(segmented_log, nothing_is_committed_before_it_is_flushed) {
  log_house house;
  ASSERT_TRUE(house.open());
  house.stage({"one"});
  EXPECT_EQ(house.log->end(), offset{1});
  EXPECT_EQ(house.log->committed(), offset{0});
  EXPECT_FALSE(house.log->read(offset{0}).batch);
}

TEST(segmented_log, with_disk_it_commits_what_a_sync_has_covered) {
  log_house house;
  house.options.commit = commit_policy::disk;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one"}));
  EXPECT_EQ(house.log->committed(), offset{0});
  // These two come while the first sync is under way: one more sync covers both.
  ASSERT_TRUE(house.append({"two"}));
  ASSERT_TRUE(house.append({"three"}));
  const auto syncs = house.log->view().syncs;
  house.slow.run_all();
  house.run_letters();
  EXPECT_EQ(house.log->committed(), offset{1});
  ASSERT_TRUE(house.flush());
  house.settle();
  EXPECT_EQ(house.log->committed(), offset{3});
  EXPECT_EQ(house.log->view().syncs, syncs + 2);
}

TEST(segmented_log, rolls_and_reads_across_its_segments) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 4);
  EXPECT_EQ(house.read_all(), house.appended);
  EXPECT_TRUE(house.disk.names.contains(log::log_name(offset{0})));
  EXPECT_TRUE(house.disk.names.contains(log::index_name(offset{0})));
  // Sealed segments keep to their size.
  for (const auto& [name, content] : house.disk.names) EXPECT_LE(content->bytes.size(), 8192U) << name;
}

TEST(segmented_log, without_a_spare_file_a_segment_grows_and_nobody_waits) {
  log_house house;
  ASSERT_TRUE(house.open());
  for (std::size_t n = 0; n < 200; ++n) ASSERT_TRUE(house.append({numbered(n)}));
  EXPECT_EQ(house.log->view().segments, 1U) << "the log thread has not made another file yet";
  EXPECT_EQ(house.log->committed(), offset{200});
  house.settle();
  ASSERT_TRUE(house.append({numbered(200)}));
  EXPECT_EQ(house.log->view().segments, 2U);
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(segmented_log, goes_on_where_it_ended_after_an_end_in_order) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 3);
  const auto end = house.log->end();
  house.close();
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.log->end(), end);
  EXPECT_EQ(house.found.bytes_cut, 0U);
  ASSERT_TRUE(house.append({"more"}));
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(segmented_log, never_gives_an_offset_again_after_it_was_killed) {
  log_house house;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one", "two"}));
  house.kill();
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.log->end(), offset{log::offsets_per_block});
  ASSERT_TRUE(house.append({"three"}));
  // A reader steps over the offsets that nobody has.
  EXPECT_EQ(house.read_all(), house.appended);
  EXPECT_EQ(house.log->read(offset{5}).batch.header().base_offset, log::offsets_per_block);
}

TEST(segmented_log, has_nothing_between_its_last_batch_and_offsets_not_yet_given) {
  log_house house;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one", "two"}));
  house.kill();
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.read_all(), house.appended);
  ASSERT_GT(house.log->committed(), offset{2});
  const auto read = house.log->read(offset{2});
  EXPECT_FALSE(read.batch);
  EXPECT_FALSE(read.later);
}

TEST(segmented_log, seals_a_segment_that_is_old_though_it_is_small) {
  log_house house;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one"}));
  house.settle();
  house.pass(24ULL * 3600 * 1000);
  ASSERT_TRUE(house.flush());
  EXPECT_EQ(house.log->view().segments, 1U);
  house.pass(2000);
  ASSERT_TRUE(house.flush());
  house.settle();
  EXPECT_EQ(house.log->view().segments, 2U);
  EXPECT_TRUE(house.disk.names.contains(log::index_name(offset{0})));
  house.pass(48ULL * 3600 * 1000);
  ASSERT_TRUE(house.flush());
  EXPECT_EQ(house.log->view().segments, 2U) << "an empty one stays";
}

TEST(segmented_log, a_clock_that_is_set_ahead_takes_nothing) {
  log_house house;
  house.options.retention.age_ms = 60'000;
  ASSERT_TRUE(house.open());
  fill_segments(house, 3);
  ASSERT_TRUE(house.flush());
  const auto ahead = 3'600'000'000ULL;
  house.now.wall.value += ahead;
  house.pass(1000);
  ASSERT_TRUE(house.flush());
  EXPECT_EQ(house.log->view().segments_dropped, 0U);
  EXPECT_TRUE(house.lines.has("log_clock_jumped"));
  house.now.wall.value -= ahead;
  house.pass(61'000);
  ASSERT_TRUE(house.flush());
  EXPECT_GT(house.log->view().segments_dropped, 0U) << "set back, it counts again";
}

TEST(segmented_log, reserves_offsets_before_it_uses_them) {
  log_house house;
  ASSERT_TRUE(house.open());
  house.kill();
  ASSERT_TRUE(house.open());
  house.kill();
  ASSERT_TRUE(house.open());
  const auto begin = house.log->end();
  EXPECT_EQ(begin, offset{2 * log::offsets_per_block});
  ASSERT_TRUE(house.append({"one"}));
  house.pass(1000);
  ASSERT_TRUE(house.flush());
  house.settle();
  house.kill();
  ASSERT_TRUE(house.open());
  EXPECT_GT(house.log->end(), begin);
}

TEST(segmented_log, retention_by_age_drops_whole_segments_and_their_files) {
  log_house house;
  house.options.retention.age_ms = 60'000;
  ASSERT_TRUE(house.open());
  fill_segments(house, 2);
  house.pass(40'000);
  fill_segments(house, 4);
  house.pass(30'000);
  (void)house.log->flush(house.now);
  house.settle();
  // The second segment has messages that are younger.
  EXPECT_EQ(house.log->view().segments_dropped, 1U);
  EXPECT_GT(house.log->start(), offset{0});
  EXPECT_FALSE(house.disk.names.contains(log::log_name(offset{0})));
  EXPECT_FALSE(house.disk.names.contains(log::index_name(offset{0})));
  const auto left = house.read_all();
  ASSERT_FALSE(left.empty());
  EXPECT_EQ(left.front().place, house.log->start().value);
  EXPECT_EQ(left.back(), house.appended.back());
}

TEST(segmented_log, retention_by_bytes_keeps_the_active_segment) {
  log_house house;
  house.options.retention.bytes = 1;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one"}));
  house.pass(1000);
  ASSERT_TRUE(house.flush());
  EXPECT_EQ(house.log->start(), offset{0});
  fill_segments(house, 2);
  house.pass(1000);
  ASSERT_TRUE(house.flush());
  EXPECT_EQ(house.log->view().segments, 1U);
  EXPECT_EQ(house.log->read(house.log->start()).batch.header().base_offset, house.log->start().value);
}

TEST(segmented_log, retention_by_the_share_of_the_disk) {
  log_house house;
  house.options.retention.disk_share_percent = 80;
  ASSERT_TRUE(house.open());
  fill_segments(house, 4);
  house.disk.capacity = house.disk.used() * 100 / 79;
  house.pass(1000);
  ASSERT_TRUE(house.flush());
  house.settle();
  house.pass(1000);
  ASSERT_TRUE(house.flush());
  EXPECT_EQ(house.log->view().segments_dropped, 0U);
  house.settle();
  house.disk.capacity = house.disk.used() * 100 / 90;
  house.pass(1000);
  ASSERT_TRUE(house.flush());
  house.settle();
  house.pass(1000);
  ASSERT_TRUE(house.flush());
  EXPECT_EQ(house.log->view().segments_dropped, 1U) << "one each second, as long as it is too full";
}

}  // namespace
}  // namespace headgate::broker::tests
