#include "broker/log/segment.hpp"

#include "tests/unit/property.hpp"

namespace headgate::broker::log {
namespace {

record::batch_header batch_at(std::uint64_t place, std::uint32_t count = 1) {
  record::batch_header batch;
  batch.base_offset = place;
  batch.count = count;
  batch.timestamp_ms = 1000 + place;
  return batch;
}

TEST(segment_names, are_twenty_digits) {
  EXPECT_EQ(log_name(offset{7}), "00000000000000000007.log");
  EXPECT_EQ(index_name(offset{~std::uint64_t{0}}), "18446744073709551615.index");
  offset first;
  EXPECT_TRUE(parse_log_name("00000000000000000042.log", &first));
  EXPECT_EQ(first, offset{42});
  for (const auto* other : {"spare.log", "identity", "0000000000000000042.log", "00000000000000000042.index",
                            "0000000000000000004x.log", "99999999999999999999.log", "-0000000000000000042.log"}) {
    EXPECT_FALSE(parse_log_name(other, &first)) << other;
  }
}

TEST(segment_index, has_an_entry_for_the_first_batch_and_one_behind_each_64_kb) {
  segment_index index;
  index.add(batch_at(10), 0);
  index.add(batch_at(11), 65'528);
  index.add(batch_at(12), 65'536);
  index.add(batch_at(13), 131'064);
  index.add(batch_at(14), 400'000);
  EXPECT_EQ(index.entries(), (std::vector<index_entry>{{10, 1010, 0}, {12, 1012, 65'536}, {14, 1014, 400'000}}));
}

TEST(segment_index, property_every_offset_lies_in_its_part) {
  tests::for_each_seed([](tests::dice& dice) {
    segment_summary segment{77, offset{100}, offset{100}, 0, 1, 2};
    segment_index index;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> batches;  // offset, position
    for (int n = 0; n < 300; ++n) {
      const auto count = 1 + dice.below(5);
      index.add(batch_at(segment.end.value, count), segment.size);
      batches.emplace_back(segment.end.value, segment.size);
      segment.end.value += count;
      segment.size += 8 * (13 + dice.below(3000));
    }
    for (std::size_t n = 0; n < batches.size(); ++n) {
      const auto part = index.part_of(offset{batches[n].first}, segment);
      EXPECT_LE(part.first.value, batches[n].first);
      EXPECT_GT(part.end.value, batches[n].first);
      EXPECT_LE(part.position, batches[n].second);
      const auto end = n + 1 < batches.size() ? batches[n + 1].second : segment.size;
      EXPECT_GE(part.position + part.size, end);
      EXPECT_LE(part.size, segment_index::bytes_per_entry + 8 * 3013);
      for (const auto position : {batches[n].second, end - 1}) {
        const auto same = index.part_at(position, segment);
        EXPECT_EQ(same.position, part.position);
        EXPECT_EQ(same.size, part.size);
        EXPECT_EQ(same.first, part.first);
        EXPECT_EQ(same.end, part.end);
      }
    }
  });
}

TEST(index_file, comes_back_as_it_was_and_no_other_bytes_do) {
  segment_summary segment{77, offset{10}, offset{15}, 500'000, 1010, 1014};
  segment_index index;
  index.add(batch_at(10), 0);
  index.add(batch_at(12), 100'000);
  const auto data = encode_index(segment, index);
  EXPECT_EQ(data.size(), 64U + 2 * 24U);
  const auto decoded = decode_index(data);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->segment, segment);
  EXPECT_EQ(decoded->entries, index.entries());
  for (std::size_t size = 0; size < data.size(); ++size) {
    EXPECT_EQ(decode_index(base::bytes(data).first(size)).error(), errc::too_small);
  }
  for (std::size_t at = 0; at < data.size(); ++at) {
    auto wrong = data;
    wrong[at] ^= 1;
    const auto refused = decode_index(wrong);
    ASSERT_FALSE(refused) << at;
    EXPECT_EQ(refused.error() == errc::unknown_version, at >= 4 && at < 8) << at;
  }
  auto longer = data;
  longer.push_back(0);
  EXPECT_EQ(decode_index(longer).error(), errc::damaged);
}

TEST(index_file, takes_none_that_does_not_ascend_within_its_segment) {
  const segment_summary segment{77, offset{10}, offset{15}, 500'000, 1010, 1014};
  const auto refused = [&](std::vector<index_entry> entries, const segment_summary& of) {
    return !decode_index(encode_index(of, segment_index(std::move(entries))));
  };
  const index_entry first{10, 0, 0};
  EXPECT_FALSE(refused({first, {12, 0, 70'000}}, segment));
  EXPECT_TRUE(refused({}, segment));
  EXPECT_TRUE(refused({{9, 0, 0}}, segment));
  EXPECT_TRUE(refused({first}, {0, offset{10}, offset{15}, 500'000, 0, 0})) << "of no log";
  EXPECT_TRUE(refused({first, {10, 0, 70'000}}, segment));
  EXPECT_TRUE(refused({first, {12, 0, 0}}, segment));
  EXPECT_TRUE(refused({first, {15, 0, 70'000}}, segment));
  EXPECT_TRUE(refused({first, {12, 0, 500'000}}, segment));
  EXPECT_TRUE(refused({first}, {77, offset{10}, offset{10}, 500'000, 0, 0}));
}

}  // namespace
}  // namespace headgate::broker::log
