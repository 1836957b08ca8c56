#include "broker/log/lone_record.hpp"

#include "broker/log/crc32c.hpp"
#include "tests/support/fake_disk.hpp"
#include "tests/unit/broker/batches.hpp"

namespace headgate::broker::log {
namespace {

using tests::owned_message;

// A segment's file with the records of one batch, and where they stand.
class record_file {
 public:
  explicit record_file(const std::vector<owned_message>& messages) {
    data = *disk.open()->open("data", opening::created);
    record::batch_builder builder(record::producer_id{1});
    const auto batch = tests::batch_of(builder, messages);
    auto& header = batch.header();
    const base::bytes bytes(reinterpret_cast<const std::uint8_t*>(&header), header.size);
    EXPECT_TRUE(data->write(0, {&bytes, 1}));
    segment.size = header.size;
    record::for_each_record(header, [&](const record::record_header& record) {
      const auto* at = reinterpret_cast<const std::uint8_t*>(&record);
      crc32c crc;
      crc.add({at, record.size});
      entries.push_back({static_cast<std::uint32_t>(at - bytes.data()), 10 + record.offset_delta,
                         1000 + record.offset_delta, crc.value()});
    });
  }
  result<record::batch_ref> read(const topic_entry& entry) {
    return read_lone_record(*data, segment, entry, waiting::refused, likely);
  }
  std::vector<std::uint8_t>& bytes() { return disk.names["data"]->bytes; }

  tests::fake_disk disk;
  std::shared_ptr<file> data;
  segment_summary segment{5, offset{100}, offset{200}, 0, 50'000, 60'000};
  std::vector<topic_entry> entries;
  likely_size likely;
};

likely_size likely_after(std::initializer_list<std::uint32_t> sizes) {
  likely_size likely;
  for (const auto size : sizes) likely.add(size);
  return likely;
}

TEST(lone_record, comes_in_a_batch_of_its_own) {
  for (const std::size_t size : {0U, 1U, 400U, 460U, 5000U, 200'000U}) {
    for (const std::uint32_t likely : {0U, 400U, 5000U, 1'000'000U}) {
      record_file file({{"a", 1, "first"}, {"topic", 2, std::string(size, 'x'), "properties"}, {"b", 1, "last"}});
      file.likely = likely_after({likely, likely});
      const auto read = file.read(file.entries[1]);
      ASSERT_TRUE(read) << size;
      auto& batch = read->header();
      EXPECT_EQ(batch.base_offset, 111U);
      EXPECT_EQ(batch.timestamp_ms, 51'001U);
      EXPECT_EQ(batch.count, 1U);
      EXPECT_EQ(batch.passing, 0U);
      EXPECT_EQ(batch.log_id, 5U);
      int records = 0;
      record::for_each_record(batch, [&](const record::record_header& record) {
        ++records;
        EXPECT_EQ(record.topic(), "topic");
        EXPECT_EQ(record.qos(), 2);
        EXPECT_EQ(record.offset_delta, 0U);
        EXPECT_EQ(tests::payload_of(record), std::string(size, 'x'));
        EXPECT_EQ(base::as_text(record.properties()), "properties");
      });
      EXPECT_EQ(records, 1);
    }
  }
}

TEST(lone_record, the_last_of_a_segment_is_read_as_well) {
  record_file file({{"a", 1, "first"}, {"b", 1, "last"}});
  EXPECT_TRUE(file.read(file.entries[1]));
  file.likely = likely_after({5000, 5000});
  EXPECT_TRUE(file.read(file.entries[1]));
}

TEST(lone_record, of_a_topic_with_large_ones_is_read_in_one_call) {
  record_file file(
      {{"a", 1, std::string(5000, 'x')}, {"a", 1, std::string(5001, 'x')}, {"a", 1, std::string(4900, 'x')}});
  std::vector<std::uint64_t> calls;
  for (const auto& entry : file.entries) {
    const auto before = file.disk.calls;
    EXPECT_TRUE(file.read(entry));
    calls.push_back(file.disk.calls - before);
  }
  EXPECT_EQ(calls, (std::vector<std::uint64_t>{2, 2, 1}));
}

TEST(lone_record, one_large_one_does_not_make_the_next_be_read_as_large) {
  EXPECT_EQ(likely_after({}).value(), 0U);
  EXPECT_EQ(likely_after({100, 100, 50'000}).value(), 100U);
  EXPECT_EQ(likely_after({100, 50'000, 40'000}).value(), 40'000U);
  EXPECT_EQ(likely_after({50'000, 40'000, 100}).value(), 100U);
}

TEST(lone_record, property_no_changed_byte_goes_unseen) {
  record_file file({{"a", 1, "first"}, {"topic", 2, "payload"}, {"b", 1, "last"}});
  const auto& entry = file.entries[1];
  for (auto at = entry.position; at < file.entries[2].position; ++at) {
    file.bytes()[at] ^= 0x40;
    const auto read = file.read(entry);
    const bool is_padding = at >= entry.position + 40 + 5 + 7;
    EXPECT_EQ(static_cast<bool>(read), is_padding) << at - entry.position;
    file.bytes()[at] ^= 0x40;
  }
}

TEST(lone_record, an_entry_that_leads_elsewhere_is_found_out) {
  record_file file({{"a", 1, "first"}, {"topic", 2, "payload"}});
  auto entry = file.entries[0];
  for (const std::uint32_t position : {0U, 8U, file.entries[1].position, 1000U, 0xffff'fff8U}) {
    entry.position = position;
    EXPECT_FALSE(file.read(entry)) << position;
  }
}

TEST(lone_record, what_is_larger_than_a_megabyte_is_not_read_so) {
  record_file file({{"a", 1, "first"}});
  file.segment.size = 10'000'000;
  file.bytes().resize(10'000'000);
  const std::uint32_t size = 2'000'000;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&size), sizeof(size),
              file.bytes().begin() + file.entries[0].position);
  EXPECT_EQ(file.read(file.entries[0]).error(), errc::damaged);
}

TEST(lone_record, says_what_the_device_says) {
  record_file file({{"a", 1, std::string(5000, 'x')}});
  file.disk.is_cold = true;
  EXPECT_EQ(file.read(file.entries[0]).error(), errc::would_wait);
  file.disk.is_cold = false;
  for (const std::uint64_t call : {0, 1}) {
    file.disk.fails_at = file.disk.calls + call;
    EXPECT_EQ(file.read(file.entries[0]).error(), errc::failed);
  }
}

}  // namespace
}  // namespace headgate::broker::log
