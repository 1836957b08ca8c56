// What a log does when its disk is full, slow or broken.
#include "tests/unit/broker/log/log_house.hpp"

namespace headgate::broker::tests {
namespace {

using log::commit_policy;
using log::offset;

TEST(log_disk_errors, a_full_disk_refuses_and_takes_up_by_itself) {
  log_house house;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({numbered(0), numbered(1)}));
  house.disk.capacity = house.disk.used() + 150;
  EXPECT_FALSE(house.append({numbered(2), numbered(3)}));
  EXPECT_EQ(house.log->end(), offset{2});
  EXPECT_TRUE(house.log->view().is_full);
  EXPECT_TRUE(house.lines.has("log_disk_full"));
  house.settle();
  EXPECT_FALSE(house.append({numbered(4)})) << "it is not tried before a second is over";
  EXPECT_EQ(house.read_all(), house.appended) << "reading goes on";
  house.pass(1000);
  house.disk.capacity = ~std::uint64_t{0};
  EXPECT_TRUE(house.append({numbered(5)}));
  EXPECT_FALSE(house.log->view().is_full);
  EXPECT_TRUE(house.lines.has("log_writes_again"));
  EXPECT_EQ(house.log->view().refused_batches, 2U);
  house.kill();
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(log_disk_errors, what_was_refused_does_not_come_back) {
  log_house house;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({numbered(0)}));
  // The first batch of the turn finds room, the second does not: neither was accepted.
  house.stage({numbered(1)});
  house.stage({numbered(2)});
  house.disk.capacity = house.disk.used() + 300;
  EXPECT_FALSE(house.flush());
  EXPECT_EQ(house.appended.size(), 1U);
  house.settle();
  house.kill();
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.read_all(), house.appended);
}

// Found by sim --kills: whoever is told of a refusal sends the message again, as another one.
TEST(log_disk_errors, nothing_is_refused_that_a_start_would_find) {
  log_house house;
  house.options.commit = commit_policy::disk;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({numbered(0)}));
  house.settle();
  house.stage({numbered(1)});
  house.stage({numbered(2)});
  house.disk.capacity = house.disk.used() + 300;
  const auto staged = house.log->end();
  EXPECT_EQ(house.log->flush(house.now), staged) << "the first batch of the two stands in the file, whole";
  house.settle();
  EXPECT_EQ(house.log->flush(house.now), offset{1});
  base::random_source random(1);
  house.disk.is_dead = true;
  house.log.reset();
  house.disk.lose_power(random);
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(log_disk_errors, without_a_first_file_it_refuses_until_there_is_one) {
  log_house house;
  ASSERT_TRUE(house.open());
  house.close();
  const auto calls = house.disk.calls;
  ASSERT_TRUE(house.open());
  house.close();
  // The last call of an opening that was not made by its closing makes the spare file.
  const auto opening = house.disk.calls - calls;
  bool refused = false;
  for (std::uint64_t n = 0; n < opening && !refused; ++n) {
    house.disk.fails_at = house.disk.calls + n;
    house.disk.fails_with = log::errc::no_space;
    if (!house.open()) continue;
    refused = !house.append({"one"});
    house.disk.fails_at.reset();
    if (refused) {
      house.pass(1000);
      EXPECT_FALSE(house.append({"two"})) << "the file is being made";
      house.settle();
      EXPECT_TRUE(house.append({"three"}));
    }
    house.close();
  }
  EXPECT_TRUE(refused);
}

TEST(log_disk_errors, after_an_error_nothing_is_taken_until_it_is_opened_again) {
  log_house house;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one"}));
  house.disk.fails_at = house.disk.calls;
  EXPECT_FALSE(house.append({"two"}));
  EXPECT_TRUE(house.log->view().has_failed);
  EXPECT_TRUE(house.lines.has("log_failed"));
  house.pass(10'000);
  EXPECT_FALSE(house.append({"three"}));
  EXPECT_EQ(house.read_all(), house.appended);
  house.close();
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.read_all(), house.appended);
  EXPECT_TRUE(house.append({"four"}));
}

TEST(log_disk_errors, a_failed_sync_takes_back_what_nobody_was_told) {
  log_house house;
  house.options.commit = commit_policy::disk;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one"}));
  house.settle();
  ASSERT_EQ(house.log->committed(), offset{1});
  (void)house.append({"two"});
  house.disk.fails_at = house.disk.calls;
  house.settle();
  EXPECT_EQ(house.log->committed(), offset{1});
  EXPECT_EQ(house.log->flush(house.now), offset{1}) << "the shard refuses what it has not delivered";
  EXPECT_FALSE(house.append({"three"}));
}

TEST(log_disk_errors, a_slow_sync_is_told_once) {
  log_house house;
  house.options.commit = commit_policy::disk;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one"}));
  for (int n = 0; n < 30; ++n) {
    house.pass(1000);
    (void)house.log->flush(house.now);
  }
  EXPECT_EQ(std::count(house.lines.events.begin(), house.lines.events.end(), "log_sync_slow"), 1);
  EXPECT_EQ(house.log->committed(), offset{0});
}

TEST(log_disk_errors, a_damaged_part_is_left_out_and_told) {
  log_house house;
  house.options.segment_bytes = 1024 * 1024;
  ASSERT_TRUE(house.open());
  for (std::size_t n = 0; n < 100; ++n) ASSERT_TRUE(house.append({numbered(n, 4000)}));
  house.close();
  auto& bytes = house.disk.names.at(log::log_name(offset{0}))->bytes;
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(house.open());
  const auto read = house.read_all();
  EXPECT_LT(read.size(), 100U);
  EXPECT_GT(read.size(), 80U) << "no more is lost than the rest of a part";
  EXPECT_EQ(read.back(), house.appended.back());
  EXPECT_TRUE(house.lines.has("log_unreadable"));
  EXPECT_EQ(house.log->view().parts_unreadable, 1U);
}

TEST(log_disk_errors, a_segment_that_cannot_be_opened_is_left_out_and_told) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 4);
  house.close();
  ASSERT_TRUE(house.open());
  const auto second = std::next(house.disk.names.begin(), 4)->first;
  ASSERT_TRUE(second.ends_with(".log"));
  house.disk.names.erase(second);
  const auto read = house.read_all();
  EXPECT_LT(read.size(), house.appended.size());
  EXPECT_EQ(read.back(), house.appended.back());
  EXPECT_TRUE(house.lines.has("log_unreadable"));
}

TEST(log_disk_errors, what_the_system_does_not_allow_now_is_tried_again) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 4);
  house.close();
  ASSERT_TRUE(house.open());
  // The process has no more descriptors for three seconds.
  house.disk.fails_at = house.disk.calls;
  house.disk.fails_with = log::errc::not_allowed;
  house.disk.goes_on_failing = true;
  for (int second = 0; second < 3; ++second) {
    for (int turn = 0; turn < 5; ++turn) {
      EXPECT_TRUE(house.log->read(offset{0}).later);
      house.settle();
    }
    house.pass(1000);
    (void)house.flush();
  }
  house.disk.fails_at.reset();
  EXPECT_EQ(house.read_all(), house.appended);
  EXPECT_EQ(house.log->view().offsets_unreadable, 0U);
  EXPECT_FALSE(house.lines.has("log_unreadable"));
}

TEST(log_disk_errors, what_the_device_does_not_give_for_ten_seconds_is_left_out) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 2);
  house.close();
  ASSERT_TRUE(house.open());
  house.disk.fails_at = house.disk.calls;
  house.disk.goes_on_failing = true;
  int seconds = 0;
  for (; house.log->read(offset{0}).later && seconds < 100; ++seconds) {
    house.settle();
    house.pass(1000);
    (void)house.log->flush(house.now);
  }
  EXPECT_GE(seconds, 10);
  EXPECT_LT(seconds, 30);
  EXPECT_GT(house.log->view().offsets_unreadable, 0U);
  EXPECT_TRUE(house.lines.has("log_unreadable"));
}

TEST(log_disk_errors, what_a_failed_write_has_left_is_taken_off) {
  log_house house;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"one"}));
  // The write fails in its second half, behind a whole batch.
  house.stage({"two"});
  house.stage({numbered(3, 1000)});
  house.disk.fails_at = house.disk.calls;
  EXPECT_FALSE(house.flush());
  house.settle();
  house.kill();
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(log_disk_errors, what_is_not_in_memory_comes_later) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 6);
  house.close();
  ASSERT_TRUE(house.open());
  house.disk.is_cold = true;
  EXPECT_TRUE(house.log->read(offset{0}).later);
  EXPECT_EQ(house.read_all(), house.appended);
  EXPECT_GT(house.log->view().parts_waited_for, 4U);
}

TEST(log_disk_errors, many_readers_of_a_cold_log_all_come_to_its_end) {
  log_house house;
  house.options.segment_bytes = 16 * 1024;
  ASSERT_TRUE(house.open());
  for (std::size_t n = 0; house.log->view().segments < 150; ++n) {
    ASSERT_TRUE(house.append({numbered(n, 4000)}));
    house.settle();
  }
  house.close();
  ASSERT_TRUE(house.open());
  house.disk.is_cold = true;
  constexpr std::size_t readers = 300;
  std::vector<offset> at(readers);
  const auto end = house.appended.back().place + 1;
  dice dice(1);
  for (auto& from : at) from = offset{dice.below(end)};
  std::size_t left = readers;
  int turns = 0;
  for (std::size_t next = 0; left > 0; ++turns) {
    ASSERT_LT(turns, 20'000);
    // As run_waiting_reads() does: so many questions a turn, one after the other.
    for (int n = 0; n < 64; ++n, next = (next + 1) % readers) {
      if (at[next].value >= end) continue;
      const auto read = house.log->read(at[next]);
      if (read.later) continue;
      ASSERT_TRUE(read.batch);
      at[next] = offset{read.batch.header().base_offset + read.batch.header().count};
      if (at[next].value >= end) --left;
    }
    for (int n = 0; n < 8; ++n) house.slow.run_one();
    house.run_letters();
  }
}

}  // namespace
}  // namespace headgate::broker::tests
