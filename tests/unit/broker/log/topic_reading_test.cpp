#include "tests/unit/broker/log/topic_house.hpp"

namespace headgate::broker::tests {
namespace {

using log::offset;

TEST(topic_reading, reads_of_sealed_segments_the_records_of_a_topic_alone) {
  dice dice(1);
  topic_house house;
  ASSERT_TRUE(house.open());
  house.fill_segments(dice, 4);
  house.close();
  ASSERT_TRUE(house.open());
  topic_reader reader(house, selection_of({"other/200"}), offset{0});
  reader.read_all();
  EXPECT_EQ(reader.got, house.scanned({"other/200"}, offset{0}));
  EXPECT_FALSE(reader.got.empty());
  EXPECT_EQ(reader.scans, 0);
  EXPECT_EQ(reader.alone, static_cast<int>(reader.got.size()));
}

TEST(topic_reading, reads_of_the_active_segment_the_batches_that_its_chain_leads_to) {
  dice dice(1);
  topic_house house;
  house.options.segment_bytes = 16 * 1024 * 1024;
  ASSERT_TRUE(house.open());
  for (int n = 0; n < 400; ++n) house.fill(dice, 10);
  EXPECT_EQ(house.log->view().segments, 1U);
  topic_reader reader(house, selection_of({"other/200", "other/201"}), offset{0});
  reader.read_all();
  EXPECT_EQ(reader.got, house.scanned({"other/200", "other/201"}, offset{0}));
  EXPECT_GT(reader.got.size(), 5U);
  EXPECT_EQ(reader.scans, 0);
  EXPECT_LT(reader.batches, 50);
}

// What was walked before is not walked again, and what came since is found.
TEST(topic_reading, a_chain_goes_on_where_its_reader_was) {
  dice dice(12);
  topic_house house;
  house.options.segment_bytes = 16 * 1024 * 1024;
  ASSERT_TRUE(house.open());
  topic_reader reader(house, selection_of({"other/200"}), offset{0});
  for (int n = 0; n < 40; ++n) {
    for (int batch = 0; batch < 40; ++batch) house.fill(dice, 10);
    reader.read_all();
    ASSERT_EQ(reader.at(), house.log->committed());
  }
  EXPECT_EQ(reader.got, house.scanned({"other/200"}, offset{0}));
  EXPECT_GT(reader.got.size(), 20U);
  EXPECT_EQ(reader.scans, 0);
  topic_reader another(house, selection_of({"other/200"}), offset{500});
  EXPECT_EQ(another.read_all(), house.scanned({"other/200"}, offset{500}));
  EXPECT_EQ(another.scans, 0);
}

// A device from which everything has to be waited for is asked for several records at once.
TEST(topic_reading, what_is_not_in_memory_is_read_ahead) {
  dice dice(13);
  topic_house house;
  house.options.segment_bytes = 1024 * 1024;
  house.topics = 300;
  ASSERT_TRUE(house.open());
  house.fill_segments(dice, 2);
  house.settle();
  house.disk.is_cold = true;
  for (const auto& wanted : {selection_of({"other/100", "other/101", "other/102"}), selection_by_prefix("seven/7")}) {
    const auto calls = house.disk.calls;
    topic_reader reader(house, wanted, offset{0});
    while (reader.at() < house.log->segment()) {
      const auto later = reader.later;
      ASSERT_TRUE(reader.step());
      if (reader.later != later) house.settle();
    }
    EXPECT_GT(reader.alone, 20);
    EXPECT_LT(reader.later, 1 + reader.alone / 4);
    EXPECT_EQ(reader.scans, 0);
    EXPECT_LT(house.disk.calls - calls, static_cast<std::uint64_t>(40 + 2 * reader.alone));
  }
}

// However often a disk fails, a reader comes to the end: what cannot be read at all is given up.
TEST(topic_reading, of_a_disk_that_goes_on_failing_the_end_is_reached) {
  dice dice(14);
  for (const bool cold : {false, true}) {
    topic_house house;
    ASSERT_TRUE(house.open());
    house.fill_segments(dice, 3);
    house.close();
    ASSERT_TRUE(house.open());
    const auto whole = house.scanned({"other/100"}, offset{0});
    topic_reader opening(house, selection_of({"other/100"}), offset{0});
    for (int n = 0; opening.got.empty(); ++n) {
      ASSERT_LT(n, 100);
      ASSERT_TRUE(opening.step());
      house.settle();
    }
    house.disk.is_cold = cold;
    house.disk.fails_at = house.disk.calls;
    house.disk.goes_on_failing = true;
    topic_reader reader(house, selection_of({"other/100"}), offset{0});
    for (int n = 0; reader.step(); ++n) {
      ASSERT_LT(n, 10'000);
      house.settle();
      house.pass(1000);
      (void)house.log->flush(house.now);
    }
    EXPECT_EQ(reader.at(), house.log->committed());
  }
}

TEST(topic_reading, what_fills_too_much_of_a_segment_is_scanned) {
  dice dice(2);
  topic_house house;
  house.topics = 10;
  ASSERT_TRUE(house.open());
  house.fill_segments(dice, 3);
  topic_reader reader(house, selection_of({"other/1"}), offset{0});
  reader.read_all();
  EXPECT_EQ(reader.got, house.scanned({"other/1"}, offset{0}));
  EXPECT_GE(reader.scans, 2);
  EXPECT_LT(reader.batches, 16);  // in the last segment too few to judge
}

TEST(topic_reading, a_topic_that_is_not_there_costs_a_question_a_segment) {
  dice dice(3);
  topic_house house;
  ASSERT_TRUE(house.open());
  house.fill_segments(dice, 4);
  house.settle();
  topic_reader reader(house, selection_of({"nowhere"}), offset{0});
  EXPECT_TRUE(reader.read_all().empty());
  EXPECT_EQ(reader.at(), house.log->committed());
  EXPECT_EQ(reader.scans + reader.batches, 0);
  EXPECT_EQ(reader.later, 3);  // each topics file was opened
}

TEST(topic_reading, of_topics_that_match_it_reads_those_alone) {
  dice dice(4);
  topic_house house;
  house.topics = 4000;
  ASSERT_TRUE(house.open());
  house.fill_segments(dice, 4);
  house.close();
  ASSERT_TRUE(house.open());
  const std::string prefix = "seven/77";
  topic_reader reader(house, selection_by_prefix(prefix), offset{0});
  reader.read_all();
  EXPECT_EQ(reader.got, house.scanned([&](const std::string& topic) { return topic.starts_with(prefix); }, offset{0}));
  EXPECT_FALSE(reader.got.empty());
  EXPECT_EQ(reader.scans, 0);
  topic_reader none(house, selection_by_prefix("none"), offset{0});
  EXPECT_TRUE(none.read_all().empty());
  EXPECT_EQ(none.scans, 0);
  topic_reader all(house, selection_by_prefix(""), offset{0});
  all.read_all();
  EXPECT_EQ(all.got, house.read_all());
  EXPECT_GE(all.scans, 4);
}

TEST(topic_reading, property_like_a_scan_from_any_offset) {
  for_each_seed([](dice& dice) {
    topic_house house;
    house.options.retention.bytes = 1024 * 1024;
    ASSERT_TRUE(house.open());
    while (house.log->start() == offset{0}) {
      house.fill(dice, 1 + dice.below(30));
      house.pass(1000);
      if (dice.one_in(3)) house.settle();
    }
    house.settle();
    for (int n = 0; n < 60; ++n) {
      house.disk.is_cold = dice.one_in(2);
      if (n == 30) {
        house.close();
        ASSERT_TRUE(house.open());
      }
      std::vector<std::string> wanted{topic_house::topic_name(dice.below(house.topics))};
      while (wanted.size() < 5 && dice.one_in(2)) wanted.push_back(topic_house::topic_name(dice.below(house.topics)));
      const auto all = house.log->end().value - house.log->start().value;
      expect_like_a_scan(house, wanted, offset{house.log->start().value + dice.below(all)});
      if (::testing::Test::HasFatalFailure()) return;
    }
  });
}

// Readers go on while messages come, segments are sealed and their topics written, the oldest are dropped, and the
// device is slow now and then.
TEST(topic_reading, property_while_the_log_goes_on) {
  for_each_seed([](dice& dice) {
    topic_house house;
    house.options.segment_bytes = 128 * 1024;
    house.options.commit = dice.one_in(2) ? log::commit_policy::disk : log::commit_policy::os;
    house.options.places_bytes = dice.one_in(2) ? 5000 : 1024 * 1024;
    ASSERT_TRUE(house.open());
    std::vector<std::pair<std::vector<std::string>, topic_reader>> readers;
    for (int n = 0; n < 12; ++n) {
      std::vector<std::string> wanted{topic_house::topic_name(dice.below(house.topics))};
      while (dice.one_in(3)) wanted.push_back(topic_house::topic_name(dice.below(house.topics)));
      auto selection = selection_of(wanted);
      readers.emplace_back(wanted, topic_reader(house, selection, offset{0}));
    }
    for (int n = 0; n < 4000; ++n) {
      if (n % 5 == 0) house.fill(dice, 1 + dice.below(20));
      if (dice.one_in(20)) house.pass(1000);
      house.disk.is_cold = dice.one_in(2);
      if (dice.one_in(2)) house.slow.run_one();
      if (dice.one_in(2)) house.run_letters();
      readers[dice.below(static_cast<std::uint32_t>(readers.size()))].second.step();
      if (::testing::Test::HasFailure()) return;
    }
    ASSERT_GT(house.log->view().segments, 6U);
    house.settle();
    for (auto& [wanted, reader] : readers) {
      ASSERT_EQ(reader.read_all(), house.scanned(wanted, offset{0})) << wanted.front();
    }
  });
}

// They push each other out of what is kept: whoever waited until all are there would wait for ever.
TEST(topic_reading, lists_that_do_not_fit_together_are_read_through) {
  dice dice(21);
  topic_house house;
  house.topics = 60;
  house.options.places_bytes = 100'000;
  ASSERT_TRUE(house.open());
  house.fill_segments(dice, 3);
  house.disk.is_cold = true;
  std::vector<std::string> wanted;
  for (std::uint32_t n = 10; n < 40; ++n) wanted.push_back(topic_house::topic_name(n));
  topic_reader reader(house, selection_of(wanted), offset{0});
  for (int n = 0; n < 100'000 && reader.step(); ++n) {
    house.slow.run_one();
    house.run_letters();
  }
  EXPECT_EQ(reader.at(), house.log->committed());
  EXPECT_EQ(reader.got, house.scanned(wanted, offset{0}));
}

TEST(topic_reading, topics_of_one_hash_come_together) {
  dice dice(5);
  for (const bool sealed : {false, true}) {
    topic_house house;
    ASSERT_TRUE(house.open());
    for (int n = 0; n < 40; ++n) {
      house.fill(dice, 10);
      owned_message one{"one", 1, std::string(50, 'x')};
      owned_message two{"two", 1, std::string(50, 'x')};
      one.topic_hash = two.topic_hash = 12345;
      ASSERT_TRUE(house.append_messages({dice.one_in(2) ? one : two}));
    }
    if (sealed) {
      house.close();
      ASSERT_TRUE(house.open());
    }
    log::topic_selection wanted;
    wanted.hashes = {12345};
    topic_reader reader(house, std::make_shared<const log::topic_selection>(wanted), offset{0});
    reader.read_all();
    EXPECT_EQ(reader.got, house.scanned({"one", "two"}, offset{0}));
    EXPECT_EQ(reader.got.size(), 40U);
    EXPECT_EQ(reader.scans, sealed ? 1 : 0);  // more than a sixteenth
  }
}

TEST(topic_reading, of_a_segment_sealed_between_two_questions_nothing_is_missed) {
  dice dice(6);
  for (const bool settled : {false, true}) {
    topic_house house;
    ASSERT_TRUE(house.open());
    while (house.log->end().value < 1000) house.fill(dice, 20);
    const auto sealed = house.log->view().segments;
    topic_reader reader(house, selection_of({"other/100", "other/101"}), offset{0});
    while (reader.got.empty()) ASSERT_TRUE(reader.step());
    while (house.log->view().segments == sealed) {
      house.fill(dice, 20);
      house.pass(1000);
      if (sealed == 1) house.settle();
    }
    if (settled) house.settle();
    reader.read_all();
    EXPECT_EQ(reader.got, house.scanned({"other/100", "other/101"}, offset{0}));
    EXPECT_EQ(reader.scans, 0);
  }
}

}  // namespace
}  // namespace headgate::broker::tests
