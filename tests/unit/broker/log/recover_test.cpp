// What a log is after its process, its machine or its disk has failed, at every place where they can.
#include "broker/log/recover.hpp"

#include <gmock/gmock.h>

#include <set>

#include "tests/unit/broker/log/log_house.hpp"

namespace headgate::broker::tests {
namespace {

using log::offset;

// A log that was killed with five batches of two in its only segment.
void make_small(log_house& house) {
  ASSERT_TRUE(house.open());
  for (std::size_t n = 0; n < 5; ++n) ASSERT_TRUE(house.append({numbered(2 * n, 40), numbered(2 * n + 1, 40)}));
  house.settle();
  house.kill();
}

std::vector<std::uint8_t>& segment_of(log_house& house) {
  return house.disk.names.at(log::log_name(offset{0}))->bytes;
}

// Where each batch of the segment ends.
std::vector<std::size_t> ends_of(const std::vector<std::uint8_t>& bytes) {
  std::vector<std::size_t> ends;
  for (std::size_t at = 0; at < bytes.size();) {
    at += reinterpret_cast<const record::batch_header*>(bytes.data() + at)->size;
    ends.push_back(at);
  }
  return ends;
}

// What was appended in the batches that end at or before `size`.
std::vector<log_house::entry> whole_below(const log_house& house, const std::vector<std::size_t>& ends,
                                          std::size_t size) {
  const auto batches = static_cast<std::size_t>(
      std::count_if(ends.begin(), ends.end(), [size](std::size_t end) { return end <= size; }));
  return {house.appended.begin(), house.appended.begin() + static_cast<std::ptrdiff_t>(2 * batches)};
}

// As if the batch had been written like this.
void renew_crc(record::batch_header& header) {
  std::vector<base::bytes> runs;
  auto stored = log::store_batch(header, header.log_id, runs);
  log::set_crc(stored, runs);
  header.crc32c = stored.header.crc32c;
}

TEST(recover, a_segment_cut_at_any_byte_keeps_its_whole_batches) {
  log_house house;
  make_small(house);
  const auto whole = segment_of(house);
  const auto ends = ends_of(whole);
  ASSERT_EQ(ends.size(), 5U);
  const auto names = house.disk.names;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    house.disk.names = names;
    for (auto& [name, content] : house.disk.names) content = std::make_shared<fake_disk::content>(*content);
    segment_of(house) = {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
    ASSERT_TRUE(house.open()) << size;
    const auto left = whole_below(house, ends, size);
    ASSERT_EQ(house.read_all(), left) << size;
    const auto kept = left.empty() ? 0 : ends[left.size() / 2 - 1];
    ASSERT_EQ(house.found.bytes_cut, size - kept);
    house.kill();
  }
}

TEST(recover, a_segment_with_any_byte_flipped_keeps_the_batches_before_it) {
  log_house house;
  make_small(house);
  const auto whole = segment_of(house);
  const auto ends = ends_of(whole);
  const auto names = house.disk.names;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    house.disk.names = names;
    for (auto& [name, content] : house.disk.names) content = std::make_shared<fake_disk::content>(*content);
    segment_of(house) = whole;
    segment_of(house)[at] ^= static_cast<std::uint8_t>(1 << at % 8);
    ASSERT_TRUE(house.open()) << at;
    ASSERT_EQ(house.read_all(), whole_below(house, ends, at)) << at;
    house.kill();
  }
}

TEST(recover, any_byte_of_the_identity_may_be_lost) {
  log_house house;
  make_small(house);
  const auto names = house.disk.names;
  const auto whole = names.at(log::identity_name)->bytes;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    house.disk.names = names;
    for (auto& [name, content] : house.disk.names) content = std::make_shared<fake_disk::content>(*content);
    house.disk.names.at(log::identity_name)->bytes[at] ^= 0x10;
    ASSERT_TRUE(house.open()) << at;
    EXPECT_EQ(house.found.identity.id, 77U);
    ASSERT_GE(house.log->end().value, log::offsets_per_block) << "no offset is given again";
    ASSERT_EQ(house.read_all(), house.appended) << at;
    house.kill();
  }
}

TEST(recover, takes_the_id_from_the_batches_when_the_identity_is_gone) {
  log_house house;
  make_small(house);
  house.disk.names.erase(log::identity_name);
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.found.identity.id, 77U);
  EXPECT_GT(house.log->end().value, log::offsets_per_block);
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(recover, leaves_batches_of_another_log_out) {
  log_house house;
  make_small(house);
  log_house other;
  make_small(other);
  const auto ends = ends_of(segment_of(house));
  auto& header = *reinterpret_cast<record::batch_header*>(segment_of(house).data() + ends[2]);
  header.log_id = 78;
  renew_crc(header);
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.read_all(), whole_below(house, ends, ends[2]));
}

TEST(recover, refuses_what_a_newer_version_has_written) {
  log_house house;
  make_small(house);
  auto& header = *reinterpret_cast<record::batch_header*>(segment_of(house).data());
  header.version = 9;
  renew_crc(header);
  EXPECT_FALSE(house.open());
  EXPECT_EQ(house.why.what, log::errc::unknown_version);
  EXPECT_EQ(house.why.file, log::log_name(offset{0}));
}

TEST(recover, an_index_that_is_damaged_or_gone_is_made_again) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 3);
  house.close();
  house.disk.names.at(log::index_name(offset{0}))->bytes[30] ^= 1;
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.found.segments_scanned, 1U);
  EXPECT_EQ(house.found.bytes_cut, 0U);
  EXPECT_EQ(house.read_all(), house.appended);
  house.close();
  house.disk.names.erase(log::index_name(offset{0}));
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.found.segments_scanned, 1U);
  house.close();
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.found.segments_scanned, 0U);
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(recover, does_not_touch_files_of_others) {
  log_house house;
  house.disk.names["notes.txt"] = std::make_shared<fake_disk::content>();
  make_small(house);
  ASSERT_TRUE(house.open());
  EXPECT_TRUE(house.disk.names.contains("notes.txt"));
}

TEST(recover, takes_the_id_from_an_index_when_the_identity_is_gone) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 3);
  house.close();
  house.disk.names.erase(log::identity_name);
  ASSERT_TRUE(house.open());
  EXPECT_EQ(house.found.identity.id, 77U);
  EXPECT_EQ(house.found.segments_scanned, 0U);
  EXPECT_GE(house.log->end().value, log::offsets_behind_lost_identity);
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(recover, starts_on_a_full_disk_and_reads) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 3);
  ASSERT_TRUE(house.append({"last"}));
  house.settle();
  house.kill();
  house.disk.capacity = house.disk.used();
  for (int life = 0; life < 3; ++life) {
    ASSERT_TRUE(house.open());
    EXPECT_EQ(house.read_all(), house.appended);
    EXPECT_FALSE(house.append({numbered(1)}));
    house.settle();
    house.kill();
  }
  house.disk.capacity = ~std::uint64_t{0};
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({numbered(2)}));
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(recover, of_an_older_segment_without_an_index_only_what_is_damaged_is_lost) {
  log_house house;
  house.options.segment_bytes = 16 * 1024;
  ASSERT_TRUE(house.open());
  fill_segments(house, 3);
  house.close();
  const auto size = house.disk.names.at(log::log_name(offset{0}))->bytes.size();
  house.disk.names.at(log::log_name(offset{0}))->bytes[size / 2] ^= 1;
  house.disk.names.erase(log::index_name(offset{0}));
  house.disk.names.erase(log::topics_name(offset{0}));
  for (int life = 0; life < 2; ++life) {
    ASSERT_TRUE(house.open());
    EXPECT_EQ(house.read_all().size(), house.appended.size() - 2) << "one batch";
    EXPECT_EQ(house.disk.names.at(log::log_name(offset{0}))->bytes.size(), size) << "nothing is cut";
    house.close();
  }
}

TEST(recover, removes_no_file_that_has_bytes) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 2);
  house.close();
  const auto first = log::log_name(offset{0});
  std::fill(house.disk.names.at(first)->bytes.begin(), house.disk.names.at(first)->bytes.end(), std::uint8_t{7});
  house.disk.names.erase(log::index_name(offset{0}));
  ASSERT_TRUE(house.open());
  EXPECT_GT(house.log->start(), offset{0});
  EXPECT_TRUE(house.disk.names.contains(first + ".damaged"));
  EXPECT_FALSE(house.disk.names.contains(log::topics_name(offset{0}))) << "what is left of a segment goes";
}

TEST(recover, refuses_files_of_two_logs_or_of_two_states_of_one) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 3);
  house.close();
  const auto names = house.disk.names;
  // A segment that lies inside another one.
  house.disk.names[log::log_name(offset{3})] = names.at(log::log_name(offset{0}));
  auto inside = *log::decode_index(names.at(log::index_name(offset{0}))->bytes);
  inside.segment.first = offset{3};
  for (auto& entry : inside.entries) entry.offset += 3;
  auto& index = house.disk.names[log::index_name(offset{3})] = std::make_shared<fake_disk::content>();
  index->bytes = log::encode_index(inside.segment, log::segment_index(inside.entries));
  EXPECT_FALSE(house.open());
  EXPECT_EQ(house.why.why, log::recovery_error::reason::overlapping);
  EXPECT_THAT(log::explain(house.why), testing::HasSubstr("00000000000000000003.log begins before"));
  // One of another log.
  house.disk.names = names;
  auto other = *log::decode_index(names.at(log::index_name(offset{0}))->bytes);
  other.segment.log_id = 5;
  house.disk.names.at(log::index_name(offset{0}))->bytes =
      log::encode_index(other.segment, log::segment_index(other.entries));
  EXPECT_FALSE(house.open());
  EXPECT_EQ(house.why.why, log::recovery_error::reason::of_another_log);
}

// One log through three lives: what was told as committed, and at which offsets.
struct lives {
  log_house house;
  std::vector<log_house::entry> committed;
  std::set<std::uint64_t> given;

  void live(bool is_killed) {
    if (!house.open()) return;
    const auto begin = house.log->end();
    for (std::size_t batch = 0; batch < 6; ++batch) {
      (void)house.append({numbered(batch, 60)});
      house.settle();
      house.pass(500);
    }
    (void)house.flush();
    house.settle();
    committed = house.read_all();
    for (const auto& entry : committed) {
      if (entry.place >= begin.value) {
        EXPECT_TRUE(given.insert(entry.place).second) << "given twice";
      }
    }
    is_killed ? house.kill() : house.close();
  }
};

// Every call of the files failing once: opening says so or goes on, and the next opening finds all that was committed.
TEST(recover, any_call_that_fails_once_loses_nothing) {
  for (const auto commit : {log::commit_policy::os, log::commit_policy::disk}) {
    for (const auto error : {log::errc::failed, log::errc::no_space, log::errc::not_allowed}) {
      for (std::uint64_t n = 0;; ++n) {
        SCOPED_TRACE("call " + std::to_string(n) + ": " + std::string(explain(error)));
        lives all;
        all.house.options.segment_bytes = 600;
        all.house.options.commit = commit;
        all.house.disk.fails_at = n;
        all.house.disk.fails_with = error;
        for (int life = 0; life < 3; ++life) all.live(life == 1);
        const bool failed = all.house.disk.calls > n;
        all.house.disk.fails_at.reset();
        ASSERT_TRUE(all.house.open());
        const auto found = all.house.read_all();
        ASSERT_GE(found.size(), all.committed.size());
        ASSERT_TRUE(std::equal(all.committed.begin(), all.committed.end(), found.begin()));
        if (!failed) {
          EXPECT_EQ(found.size(), 18U);
          EXPECT_GT(n, 100U);
          break;
        }
      }
    }
  }
}

// The machine loses power at any moment: with `disk` nothing that was committed is lost, whatever of the rest is there.
TEST(recover, loses_nothing_committed_when_the_machine_loses_power) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    dice dice(seed);
    base::random_source random(seed);
    log_house house;
    house.options.commit = log::commit_policy::disk;
    house.options.segment_bytes = 500 + dice.below(3000);
    std::vector<log_house::entry> committed;
    for (int life = 0; life < 4; ++life) {
      ASSERT_TRUE(house.open());
      const auto before = house.read_all();
      ASSERT_GE(before.size(), committed.size());
      ASSERT_TRUE(std::equal(committed.begin(), committed.end(), before.begin()));
      committed = before;
      const auto steps = dice.below(60);
      for (std::uint32_t step = 0; step < steps; ++step) {
        if (dice.one_in(2)) house.stage({numbered(step, 10 + dice.below(300))});
        if (dice.one_in(2)) (void)house.flush();
        if (dice.one_in(3)) house.slow.run_one();
        if (dice.one_in(3)) house.run_letters();
        if (dice.one_in(4)) house.pass(1000);
      }
      house.disk.is_cold = false;
      committed = house.read_all();
      house.disk.is_dead = true;
      house.kill();
      house.disk.lose_power(random);
    }
  }
}

}  // namespace
}  // namespace headgate::broker::tests
