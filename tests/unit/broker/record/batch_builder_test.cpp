#include "broker/record/batch_builder.hpp"

#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "base/limits.hpp"
#include "tests/unit/broker/batches.hpp"

namespace headgate::broker::record {
namespace {

using tests::owned_message;

// The bytes of a batch as broker/record/FORMAT.md shows them; "--" stands for padding, whose value means nothing.
constexpr std::string_view golden =
    // batch: version, codec, reserved, size; base offset; timestamp; count, passing; CRC, log id; epoch; producer;
    // first sequence
    "01 00 0000 a8000000  0000000000000000  0000000000000000  01000000 01000000"
    "00000000 00000000  0000000000000000  efcdab8967452301  0100000000000000"
    // a record at QoS 1: size, topic size, kind, flags; topic hash; publisher hash; expiry, properties size; offset
    // delta, previous distance; topic, properties, payload
    "31000000 0300 01 01  04068675941ef748  a07a6dd71d33bc61  3c000000 02000000  00000000 00000000"
    "612f62 0101 32312e35 --------------"
    // a record at QoS 0
    "2b000000 0100 01 00  2df9acf0853e0376  a07a6dd71d33bc61  ffffffff 00000000  01000000 00000000"
    "74 6f6e ----------";

void expect_bytes(base::bytes data, std::string_view expected) {
  std::size_t at = 0;
  for (std::size_t n = 0; n < expected.size(); n += 2) {
    while (expected[n] == ' ') ++n;
    ASSERT_LT(at, data.size());
    const auto digits = expected.substr(n, 2);
    if (digits != "--") {
      EXPECT_EQ(data[at], std::stoi(std::string(digits), nullptr, 16)) << "byte " << at;
    }
    ++at;
  }
  EXPECT_EQ(at, data.size());
}

TEST(batch_builder, golden_bytes_of_a_batch) {
  batch_builder builder(producer_id{0x0123'4567'89ab'cdef});
  const auto publisher = base::hash_of("dev-1");
  const std::string_view properties("\x01\x01", 2);
  EXPECT_EQ(builder.add({.topic = "a/b",
                         .topic_hash = base::hash_of("a/b"),
                         .publisher_hash = publisher,
                         .flags = 1,
                         .expiry_s = 60,
                         .properties = base::as_bytes(properties),
                         .payload = base::as_bytes("21.5")}),
            sequence{1});
  EXPECT_EQ(builder.add({.topic = "t",
                         .topic_hash = base::hash_of("t"),
                         .publisher_hash = publisher,
                         .flags = 0,
                         .expiry_s = 0xffff'ffff,
                         .properties = {},
                         .payload = base::as_bytes("on")}),
            sequence{0});
  const auto batch = builder.seal();
  expect_bytes({reinterpret_cast<const std::uint8_t*>(&batch.header()), batch.header().size}, golden);
}

TEST(batch_builder, records_are_read_as_they_were_written) {
  batch_builder builder(producer_id{1});
  const std::vector<owned_message> messages = {
      {"a", 1, "first"}, {"b/c", 0, "", "\x01\x01"}, {"a", 1, std::string(1000, 'x')}, {"d", 0, "last"}};
  const auto batch = tests::batch_of(builder, messages);
  std::size_t n = 0;
  std::vector<std::uint32_t> deltas;
  for_each_record(batch.header(), [&](const record_header& record) {
    EXPECT_EQ(record.kind, kind::message);
    EXPECT_EQ(record.topic(), messages[n].topic);
    EXPECT_EQ(record.topic_hash, base::hash_of(messages[n].topic));
    EXPECT_EQ(record.publisher_hash, 7U);
    EXPECT_EQ(record.qos(), messages[n].qos);
    EXPECT_EQ(record.has_offset(), messages[n].qos > 0);
    EXPECT_EQ(base::as_text(record.properties()), messages[n].properties);
    EXPECT_EQ(tests::payload_of(record), messages[n].payload);
    deltas.push_back(record.offset_delta);
    ++n;
  });
  EXPECT_EQ(n, messages.size());
  EXPECT_EQ(deltas, (std::vector<std::uint32_t>{0, 1, 1, 2}));
  EXPECT_EQ(batch.header().count, 2U);
  EXPECT_EQ(batch.header().passing, 2U);
}

TEST(batch_builder, a_record_with_retain_has_an_offset_whatever_its_qos) {
  batch_builder builder(producer_id{1});
  EXPECT_EQ(builder.add({.topic = "t", .flags = flag_retain, .properties = {}, .payload = {}}), sequence{1});
  EXPECT_EQ(builder.add({.topic = "t", .flags = 0, .properties = {}, .payload = {}}), sequence{0});
  EXPECT_EQ(builder.add({.topic = "t", .flags = flag_retain | 2, .properties = {}, .payload = {}}), sequence{2});
  const auto batch = builder.seal();
  EXPECT_EQ(batch.header().count, 2U);
  EXPECT_EQ(batch.header().passing, 1U);
  std::vector<std::uint32_t> deltas;
  for_each_record(batch.header(), [&](const record_header& record) {
    EXPECT_EQ(record.has_offset(), record.is_retained());
    deltas.push_back(record.offset_delta);
  });
  EXPECT_EQ(deltas, (std::vector<std::uint32_t>{0, 1, 1}));
}

// For ThreadSanitizer: another thread reads batches and lets them go while the builder writes blocks again.
TEST(batch_builder, blocks_travel_between_threads) {
  struct {
    std::mutex mutex;
    std::deque<batch_ref> batches;
    bool ended = false;
  } way;
  std::uint64_t read = 0;
  std::thread reader([&] {
    for (;;) {
      std::deque<batch_ref> taken;
      {
        const std::lock_guard lock(way.mutex);
        taken.swap(way.batches);
        if (taken.empty() && way.ended) return;
      }
      for (const auto& batch : taken) {
        for_each_record(batch.header(), [&](const record_header& record) {
          read += static_cast<std::uint64_t>(std::stoi(tests::payload_of(record)));
        });
      }
    }
  });
  batch_builder builder(producer_id{1});
  std::uint64_t written = 0;
  for (int n = 0; n < 20'000; ++n) {
    written += static_cast<std::uint64_t>(n);
    auto batch = tests::batch_of(builder, {{"t", 0, std::to_string(n)}});
    const std::lock_guard lock(way.mutex);
    way.batches.push_back(std::move(batch));
  }
  {
    const std::lock_guard lock(way.mutex);
    way.ended = true;
  }
  reader.join();
  EXPECT_EQ(read, written);
}

TEST(batch_builder, a_block_that_nobody_kept_is_written_again) {
  batch_builder builder(producer_id{1});
  const auto first = reinterpret_cast<std::uintptr_t>(&tests::batch_of(builder, {{"t", 0, "1"}}).header());
  const auto kept = tests::batch_of(builder, {{"t", 0, "2"}});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&kept.header()), first);
  const auto behind = tests::batch_of(builder, {{"t", 0, "3"}});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&behind.header()), first + kept.header().size);
  for_each_record(kept.header(), [](const record_header& record) { EXPECT_EQ(tests::payload_of(record), "2"); });
}

TEST(batch_builder, a_record_larger_than_a_block_gets_one_of_its_own) {
  batch_builder builder(producer_id{1});
  const owned_message large{"t", 1, std::string(3 * base::record_block_bytes, 'x')};
  const owned_message small{"t", 1, "small"};
  const auto before = tests::batch_of(builder, {small});
  EXPECT_TRUE(builder.fits(batch_builder::size_of(large.view())));
  const auto alone = tests::batch_of(builder, {large});
  EXPECT_NE(alone.memory, before.memory);
  EXPECT_GT(alone.memory->capacity, base::record_block_bytes);
  EXPECT_EQ(alone.header().first_sequence, 2U);
  for_each_record(alone.header(), [&](const auto& record) { EXPECT_EQ(tests::payload_of(record), large.payload); });

  builder.add(small.view());
  EXPECT_FALSE(builder.fits(batch_builder::size_of(large.view())));
  const auto after = builder.seal();
  EXPECT_NE(after.memory, alone.memory);
  EXPECT_EQ(after.header().first_sequence, 3U);
}

// As a log does it: the newest batches are kept, the oldest let go; what is kept must never change.
TEST(batch_builder, property_what_somebody_refers_to_is_never_written_again) {
  struct kept_batch {
    batch_ref batch;
    std::vector<owned_message> messages;
    std::uint64_t first_sequence = 0;
  };
  tests::for_each_seed([](tests::dice& dice) {
    batch_builder builder(producer_id{dice.bits()});
    std::deque<kept_batch> kept;
    std::uint64_t next_sequence = 1;
    for (int step = 0; step < 400; ++step) {
      kept_batch made{{}, {}, next_sequence};
      const auto wanted = 1 + dice.below(20);
      while (made.messages.size() < wanted) {
        owned_message message{"topic/" + std::to_string(dice.below(9)), static_cast<std::uint8_t>(dice.below(2)),
                              std::string(dice.below(dice.one_in(200) ? 400'000 : 9000), static_cast<char>(step))};
        if (!builder.fits(batch_builder::size_of(message.view()))) break;
        const auto given = builder.add(message.view());
        ASSERT_EQ(given.value, message.qos == 0 ? 0 : next_sequence++);
        made.messages.push_back(std::move(message));
      }
      made.batch = builder.seal();
      ASSERT_FALSE(builder.is_open());
      kept.push_back(std::move(made));
      // Mostly about as many as stand in six blocks; now and then few.
      const auto most = dice.one_in(20) ? dice.below(30) : 30;
      while (kept.size() > most) kept.pop_front();

      for (const auto& [batch, messages, first_sequence] : kept) {
        const auto begin = reinterpret_cast<std::uintptr_t>(&batch.header());
        ASSERT_EQ(begin % alignment, 0U);
        ASSERT_EQ(batch.header().first_sequence, first_sequence);
        ASSERT_EQ(batch.header().count + batch.header().passing, messages.size());
        std::size_t n = 0;
        std::uint32_t offsets = 0;
        std::uintptr_t end = begin + sizeof(batch_header);
        for_each_record(batch.header(), [&, &messages = messages](const record_header& record) {
          EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&record), end);
          EXPECT_EQ(record.topic(), messages[n].topic);
          EXPECT_EQ(base::as_text(record.payload()), messages[n].payload);
          EXPECT_EQ(record.offset_delta, offsets);
          offsets += record.has_offset() ? 1 : 0;
          end += aligned(record.size);
          ++n;
        });
        ASSERT_EQ(offsets, batch.header().count);
        ASSERT_EQ(end, begin + batch.header().size);
        if (::testing::Test::HasFailure()) return;
      }
    }
  });
}

TEST(batch_builder, a_steady_state_uses_its_blocks_again) {
  batch_builder builder(producer_id{1});
  std::deque<batch_ref> kept;
  std::set<const block*> blocks;
  for (int step = 0; step < 200; ++step) {
    kept.push_back(tests::batch_of(builder, {{"t", 1, std::string(100'000, 'x')}, {"t", 0, "y"}}));
    blocks.insert(kept.back().memory.get());
    if (kept.size() > 6) kept.pop_front();
  }
  // Two batches a block: four blocks hold the last six or seven and the next one.
  EXPECT_LE(blocks.size(), 5U);
}

// The log of a topic with little traffic kept the first block; each message at QoS 0 of the others then took a new one.
TEST(batch_builder, a_block_that_is_kept_for_long_holds_up_none_behind_it) {
  batch_builder builder(producer_id{1});
  const auto kept_for_long = tests::batch_of(builder, {{"rare", 1, "x"}});
  std::deque<batch_ref> under_way;
  std::set<const block*> blocks;
  for (int step = 0; step < 1000; ++step) {
    under_way.push_back(tests::batch_of(builder, {{"t", 0, std::string(200'000, 'x')}}));
    blocks.insert(under_way.back().memory.get());
    if (under_way.size() > 3) under_way.pop_front();
  }
  EXPECT_LE(blocks.size(), 8U);
}

TEST(batch_builder_death, sealing_nothing_is_our_bug) {
  batch_builder builder(producer_id{1});
  EXPECT_DEATH(builder.seal(), "assertion failed");
}

}  // namespace
}  // namespace headgate::broker::record
