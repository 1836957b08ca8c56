#include "broker/log/stored_batch.hpp"

#include <cstring>

#include "tests/unit/broker/batches.hpp"

namespace headgate::broker::log {
namespace {

using tests::owned_message;

// What is written for a batch, in one piece.
std::vector<std::uint8_t> stored_bytes(record::batch_header& batch, std::uint32_t log_id = 77) {
  std::vector<base::bytes> runs;
  auto stored = store_batch(batch, log_id, runs);
  set_crc(stored, runs);
  std::vector<std::uint8_t> data(sizeof(stored.header));
  std::memcpy(data.data(), &stored.header, sizeof(stored.header));
  for (const auto& run : runs) data.insert(data.end(), run.begin(), run.end());
  return data;
}

record::batch_ref batch_with(const std::vector<owned_message>& messages) {
  record::batch_builder builder(record::producer_id{0x0123456789abcdef});
  return tests::batch_of(builder, messages);
}

TEST(stored_batch, has_the_bytes_of_the_format) {
  auto batch = batch_with({{"a/b", 1, "21.5", {"\x01\x01", 2}, false, 60}});
  auto& header = batch.header();
  header.base_offset = 3;
  header.timestamp_ms = 1'700'000'000'000;
  header.first_sequence = 4;
  auto data = stored_bytes(header);
  ASSERT_EQ(data.size(), 120U);
  std::vector<std::uint8_t> expected{
      0x01, 0x00, 0x00, 0x00, 0x78, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  //
      0x00, 0x68, 0xe5, 0xcf, 0x8b, 0x01, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  //
      0x00, 0x00, 0x00, 0x00, 0x4d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  //
      0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  //
      0x31, 0x00, 0x00, 0x00, 0x03, 0x00, 0x01, 0x01};
  const auto head = expected.size();
  // The CRC by its definition, bit by bit, over the batch with 0 in the CRC's place.
  std::memset(data.data() + 32, 0, 4);
  EXPECT_EQ(std::vector(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(head)), expected);
  std::uint32_t crc = ~std::uint32_t{0};
  for (const auto byte : data) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0);
  }
  std::vector<base::bytes> runs;
  auto stored = store_batch(header, 77, runs);
  set_crc(stored, runs);
  EXPECT_EQ(stored.header.crc32c, ~crc);
}

TEST(stored_batch, leaves_out_what_passes_and_joins_what_stands_together) {
  auto batch = batch_with({{"q", 0, "p"}, {"a", 1, "1"}, {"b", 2, "2"}, {"q", 0, "p"}, {"r", 0, "3", {}, true}});
  std::vector<base::bytes> runs;
  const auto stored = store_batch(batch.header(), 77, runs);
  EXPECT_EQ(stored.run_count, 2U);
  EXPECT_EQ(stored.header.count, 3U);
  EXPECT_EQ(stored.header.passing, 0U);
  const auto data = stored_bytes(batch.header());
  const auto checked = check_batch(data, 77);
  ASSERT_TRUE(checked);
  std::string payloads;
  record::for_each_record(const_cast<record::batch_header&>(**checked),
                          [&](const auto& record) { payloads += tests::payload_of(record); });
  EXPECT_EQ(payloads, "123");
}

TEST(stored_batch, of_records_that_all_have_an_offset_is_one_run) {
  auto batch = batch_with({{"a", 1, "1"}, {"b", 1, "2"}});
  std::vector<base::bytes> runs;
  EXPECT_EQ(store_batch(batch.header(), 77, runs).run_count, 1U);
}

TEST(check_batch, tells_what_is_wrong) {
  auto batch = batch_with({{"a", 1, "1"}, {"b", 1, "2"}});
  const auto whole = stored_bytes(batch.header());
  ASSERT_TRUE(check_batch(whole, 77));
  ASSERT_TRUE(check_batch(whole, 0)) << "of any log";
  EXPECT_EQ(check_batch(whole, 78).error(), errc::damaged);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(check_batch(base::bytes(whole).first(size), 77).error(), errc::too_small) << size;
  }
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto wrong = whole;
    wrong[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(check_batch(wrong, 77)) << bit;
  }
}

// A CRC does not make nonsense true: what it covers is looked at, too.
TEST(check_batch, takes_no_batch_whose_records_do_not_fill_it) {
  const auto refused = [](auto spoil) {
    auto batch = batch_with({{"abc", 1, "12345"}, {"b", 1, "2"}});
    auto& header = batch.header();
    spoil(header, *reinterpret_cast<record::record_header*>(&header + 1));
    const auto data = stored_bytes(header);
    const auto checked = check_batch(data, 77);
    return !checked && checked.error() == errc::damaged;
  };
  EXPECT_FALSE(refused([](auto&, auto&) {}));
  EXPECT_TRUE(refused([](auto& batch, auto&) { batch.count = 3; }));
  EXPECT_TRUE(refused([](auto& batch, auto&) { batch.count = 1; }));
  EXPECT_TRUE(refused([](auto&, auto& record) { record.size = 4000; }));
  EXPECT_TRUE(refused([](auto&, auto& record) { record.size = 39; }));
  EXPECT_TRUE(refused([](auto&, auto& record) { record.topic_size = 9; }));
  EXPECT_TRUE(refused([](auto&, auto& record) { record.properties_size = 0xffff'ffff; }));
  EXPECT_TRUE(refused([](auto&, auto& record) { record.offset_delta = 1; }));
  EXPECT_TRUE(refused([](auto&, auto& record) { record.flags = 3; }));
  EXPECT_TRUE(refused([](auto& batch, auto&) { batch.base_offset = ~std::uint64_t{0}; }));
}

}  // namespace
}  // namespace headgate::broker::log
