#include "broker/retained/stored_value.hpp"

#include <gtest/gtest.h>

#include "broker/retained/keys.hpp"
#include "tests/unit/broker/batches.hpp"

namespace headgate::broker::retained {
namespace {

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16)));
  }
  return bytes;
}

// The first record of the example in broker/record/FORMAT.md, with RETAIN, at offset 5 of the log 77.
std::string example() {
  record::batch_builder builder(record::producer_id{1});
  builder.add({.topic = "before it", .topic_hash = 1, .flags = 1, .properties = {}, .payload = {}});
  builder.add({.topic = "a/b",
               .topic_hash = base::hash_of("a/b"),
               .publisher_hash = base::hash_of("dev-1"),
               .flags = 1 | record::flag_retain,
               .expiry_s = 60,
               .properties = base::as_bytes(std::string_view("\x01\x01", 2)),
               .payload = base::as_bytes("21.5")});
  const auto batch = builder.seal();
  std::string stored;
  record::for_each_record(batch.header(), [&](const record::record_header& record) {
    const value_parts parts(77, record::offset{5}, 1'700'000'000'000, record);
    stored.clear();
    for (const auto part : parts.all()) stored += part;
  });
  return stored;
}

TEST(retained_value, example_of_the_format_note) {
  const auto bytes = from_hex(
      "01"
      "4d000000"
      "0500000000000000"
      "0068e5cf8b010000"
      "31000000"
      "0300"
      "01"
      "05"
      "04068675941ef748"
      "a07a6dd71d33bc61"
      "3c000000"
      "02000000"
      "00000000"
      "00000000"
      "612f62"
      "0101"
      "32312e35");
  EXPECT_EQ(example(), bytes);
  const auto value = decode_value("a/b", bytes);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->log_id, 77U);
  EXPECT_EQ(value->place, record::offset{5});
  EXPECT_EQ(value->timestamp_ms, 1'700'000'000'000U);
  EXPECT_FALSE(has_expired(*value, 1'700'000'059'999));
  EXPECT_TRUE(has_expired(*value, 1'700'000'060'000));

  EXPECT_EQ(encode(stored_shard{2, 77, record::offset{6}}), from_hex("01020000004d0000000600000000000000"));
  EXPECT_EQ(shard_key("main/0"), "smain/0");
  EXPECT_EQ(topic_key(2, "a/b"), "t" + from_hex("00000002") + "a/b");
  EXPECT_EQ(value_key(258, "a/b"), "v" + from_hex("00000102") + "a/b");
}

TEST(retained_value, is_given_in_a_batch_of_its_own) {
  const auto bytes = example();
  const auto value = decode_value("a/b", bytes);
  ASSERT_TRUE(value);
  const auto batch = batch_of(*value, 77);
  const auto& header = batch.header();
  EXPECT_EQ(header.base_offset, 5U);
  EXPECT_EQ(header.timestamp_ms, 1'700'000'000'000U);
  EXPECT_EQ(header.count, 1U);
  EXPECT_EQ(header.passing, 0U);
  EXPECT_EQ(header.size, sizeof(header) + record::aligned(49));
  int records = 0;
  record::for_each_record(batch.header(), [&](const record::record_header& record) {
    ++records;
    EXPECT_EQ(record.topic(), "a/b");
    EXPECT_EQ(tests::payload_of(record), "21.5");
    EXPECT_EQ(record.offset_delta, 0U);
  });
  EXPECT_EQ(records, 1);
  EXPECT_EQ(batch_of(*value, 78).header().base_offset, record::nowhere.value) << "of another log";
}

TEST(retained_value, what_is_no_value_is_refused) {
  const auto good = example();
  EXPECT_FALSE(decode_value("a/c", good));
  EXPECT_FALSE(decode_value("a", good));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(decode_value("a/b", good.substr(0, size)));
  EXPECT_FALSE(decode_value("a/b", good + "x"));
  const auto with = [&](std::size_t at, std::uint8_t byte) {
    auto bytes = good;
    bytes[at] = static_cast<char>(byte);
    return decode_value("a/b", bytes).has_value();
  };
  EXPECT_FALSE(with(0, 2)) << "version";
  EXPECT_FALSE(with(21, 0x30)) << "size";
  EXPECT_FALSE(with(25, 2)) << "topic size";
  EXPECT_FALSE(with(27, 2)) << "kind";
  EXPECT_FALSE(with(28, 0x01)) << "without RETAIN";
  EXPECT_FALSE(with(28, 0x07)) << "QoS 3";
  EXPECT_FALSE(with(28, 0x0d)) << "flags";
  EXPECT_FALSE(with(29, 0)) << "topic hash";
  EXPECT_FALSE(with(49, 6)) << "properties up to the end: no payload";
  EXPECT_FALSE(with(52, 0xff)) << "properties behind the end";
  EXPECT_FALSE(with(53, 1)) << "offset delta";
  EXPECT_FALSE(with(57, 1)) << "previous distance";
  EXPECT_TRUE(with(49, 5)) << "what properties hold is for those who read them";
}

TEST(retained_value, keys_and_shards_are_read_back) {
  const auto key = topic_key(0x01020304, "a/b");
  const auto place = place_of_topic_key(key);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->number, 0x01020304U);
  EXPECT_EQ(place->topic, "a/b");
  EXPECT_FALSE(place_of_topic_key("t123"));
  EXPECT_FALSE(place_of_topic_key(value_key(1, "a")));
  EXPECT_EQ(key_prefix('t', 0x01ffffff).end(), std::string("t\x02", 2));
  EXPECT_EQ(key_prefix('t', 0xffffffff).end(), "u");
  EXPECT_EQ(key_prefix('t', 1).end(), "t" + from_hex("00000002"));
  const stored_shard shard{1, 2, record::offset{~std::uint64_t{0}}};
  EXPECT_EQ(decode_shard(encode(shard)), shard);
  EXPECT_FALSE(decode_shard(encode(shard).substr(1)));
  EXPECT_FALSE(decode_shard(encode(shard) + "x"));
  EXPECT_FALSE(decode_shard(""));
}

TEST(retained_value, property_whatever_bytes_there_are_is_refused_or_whole) {
  tests::for_each_seed([](tests::dice& dice) {
    const auto good = example();
    for (int round = 0; round < 20'000; ++round) {
      auto bytes = good;
      for (auto changes = 1 + dice.below(3); changes > 0; --changes) {
        bytes[dice.below(bytes.size())] = static_cast<char>(dice.bits());
      }
      if (dice.one_in(10)) bytes.resize(dice.below(bytes.size() + 1));
      const auto value = decode_value("a/b", bytes);
      if (!value) continue;
      const auto batch = batch_of(*value, 77);
      record::for_each_record(batch.header(), [&](const record::record_header& record) {
        ASSERT_EQ(record.topic(), "a/b");
        ASSERT_FALSE(record.payload().empty());
        ASSERT_EQ(record.properties().size() + record.payload().size() + 3 + sizeof(record), record.size);
      });
    }
  });
}

}  // namespace
}  // namespace headgate::broker::retained
