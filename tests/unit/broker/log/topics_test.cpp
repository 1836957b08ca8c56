// What a segment knows of its topics: the chains of its records, and the file that says where each topic's stand.
#include <cstring>
#include <map>

#include "broker/log/topic_chains.hpp"
#include "broker/log/topics_writer.hpp"
#include "tests/unit/broker/log/log_house.hpp"

namespace headgate::broker::log {
namespace {

using tests::log_house;
using tests::owned_message;

TEST(topic_chains, property_like_a_map) {
  tests::for_each_seed([](tests::dice& dice) {
    topic_chains chains;
    std::map<std::uint64_t, std::uint32_t> last;
    std::map<std::uint64_t, std::uint32_t> kept;
    for (std::uint32_t position = 0; position < 5000; ++position) {
      const auto hash = std::uint64_t{dice.below(50)} << 40U;
      const auto known = last.find(hash);
      ASSERT_EQ(chains.last(hash), known == last.end() ? topic_chains::none : known->second);
      ASSERT_EQ(chains.add(hash, position), known == last.end() ? topic_chains::none : known->second);
      last[hash] = position;
      if (dice.one_in(10)) {
        chains.keep();
        kept = last;
      } else if (dice.one_in(10)) {
        chains.take_back();
        last = kept;
      }
    }
  });
}

// The topics file of messages, each a record of its own at position 100 * n.
std::vector<std::uint8_t> file_of(const std::vector<owned_message>& messages) {
  topics_writer writer;
  record::batch_builder builder(record::producer_id{1});
  for (std::size_t n = 0; n < messages.size(); ++n) {
    auto batch = tests::batch_of(builder, {messages[n]});
    const auto number = static_cast<std::uint32_t>(n);
    record::for_each_record(batch.header(), [&](const auto& record) {
      const placed_record placed{&record, 100 * number, number, 10 * number};
      writer.add({&placed, 1});
    });
  }
  return writer.finish();
}

// All lists of a file, as somebody reads it who looks for wildcards.
std::vector<topic_list> lists_of(base::bytes file) {
  const auto head = decode_topics_head(file);
  EXPECT_TRUE(head);
  EXPECT_EQ(head->size, file.size());
  const auto range = lists_range(*head);
  auto data = file.subspan(range.position, range.size);
  std::vector<topic_list> lists;
  for (std::uint32_t part = 0; !data.empty(); ++part) EXPECT_TRUE(decode_part(data, part, lists));
  EXPECT_EQ(lists.size(), head->hashes);
  return lists;
}

// Where a topic's records stand, as somebody finds it who looks for one.
std::vector<std::uint32_t> positions_of(base::bytes file, std::string_view topic) {
  const auto hash = base::hash_of(topic);
  const auto head = decode_topics_head(file);
  const auto entry = directory_range(*head, hash);
  const auto range = decode_directory(*head, file.subspan(entry.position, entry.size));
  EXPECT_TRUE(range);
  std::vector<std::uint32_t> positions;
  auto data = file.subspan(range->position, range->size);
  std::vector<topic_list> lists;
  EXPECT_TRUE(decode_part(data, part_number(*head, hash), lists));
  EXPECT_TRUE(data.empty());
  for (const auto& list : lists) {
    if (list.hash != hash) continue;
    for (const auto& place : list.entries) positions.push_back(place.position);
  }
  return positions;
}

TEST(topics_file, of_nothing) {
  const auto file = topics_writer().finish();
  EXPECT_TRUE(lists_of(file).empty());
  EXPECT_TRUE(positions_of(file, "t").empty());
}

TEST(topics_file, property_says_where_each_topic_stands_and_which_there_are) {
  for (const std::size_t topics : {1, 3, 100, 5000}) {
    SCOPED_TRACE(topics);
    tests::dice dice(topics);
    std::vector<owned_message> messages;
    std::map<std::string, std::vector<std::uint32_t>> expected;
    for (std::uint32_t n = 0; n < 2 * topics; ++n) {
      messages.push_back({"fleet/" + std::to_string(dice.below(topics)), 1, "x"});
      expected[messages.back().topic].push_back(100 * n);
    }
    const auto file = file_of(messages);
    for (const auto& [topic, positions] : expected) ASSERT_EQ(positions_of(file, topic), positions);
    EXPECT_TRUE(positions_of(file, "fleet").empty());
    std::map<std::string, std::size_t> found;
    for (const auto& list : lists_of(file)) {
      ASSERT_EQ(list.names.size(), 1U);
      found[std::string(list.names[0])] = list.entries.size();
    }
    EXPECT_EQ(found.size(), expected.size());
    for (const auto& [topic, positions] : expected) EXPECT_EQ(found[topic], positions.size());
  }
}

TEST(topics_file, topics_of_one_hash_share_a_list_and_keep_their_names) {
  topics_writer writer;
  record::batch_builder builder(record::producer_id{1});
  for (const auto* topic : {"a", "b", "a"}) {
    auto batch = tests::batch_of(builder, {{topic, 1, "x"}});
    record::for_each_record(batch.header(), [&](auto& record) {
      record.topic_hash = 42;
      const placed_record placed{&record};
      writer.add({&placed, 1});
    });
  }
  const auto file = writer.finish();
  const auto lists = lists_of(file);
  ASSERT_EQ(lists.size(), 1U);
  EXPECT_EQ(lists[0].hash, 42U);
  EXPECT_EQ(lists[0].entries.size(), 3U);
  auto names = lists[0].names;
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string_view>{"a", "b"}));
}

TEST(topics_file, a_changed_byte_is_found_in_the_head_and_in_the_part) {
  const auto whole = file_of({{"a", 1, "1"}, {"b", 1, "2"}});
  const auto head = decode_topics_head(whole);
  ASSERT_TRUE(head);
  const auto lists = lists_range(*head);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto wrong = whole;
    wrong[at] ^= 0x20;
    if (at < topics_head_bytes) {
      EXPECT_FALSE(decode_topics_head(wrong)) << at;
    } else if (at >= lists.position) {
      base::bytes data = base::bytes(wrong).subspan(lists.position);
      std::vector<topic_list> found;
      EXPECT_FALSE(decode_part(data, 0, found)) << at;
    } else {
      const auto entry = directory_range(*head, 0);
      const auto range = decode_directory(*head, base::bytes(wrong).subspan(entry.position, entry.size));
      base::bytes data = range ? base::bytes(wrong).subspan(range->position, range->size) : base::bytes();
      std::vector<topic_list> found;
      EXPECT_FALSE(range && decode_part(data, 0, found) && data.empty()) << at;
    }
  }
  for (std::size_t size = 0; size < topics_head_bytes; ++size) {
    EXPECT_EQ(decode_topics_head(base::bytes(whole).first(size)).error(), errc::too_small);
  }
}

// The records of each topic in a segment, by the chain from the last to the first.
std::map<std::string, std::vector<std::string>> chains_in(const std::vector<std::uint8_t>& segment) {
  std::map<std::string, std::uint32_t> last;
  for (std::uint32_t at = 0; at < segment.size();) {
    auto& batch =
        const_cast<record::batch_header&>(*reinterpret_cast<const record::batch_header*>(segment.data() + at));
    for_each_stored_record(batch, [&](const auto& record, std::uint32_t behind_header) {
      last[std::string(record.topic())] = at + behind_header;
    });
    at += batch.size;
  }
  std::map<std::string, std::vector<std::string>> chains;
  for (auto [topic, at] : last) {
    for (;;) {
      const auto& record = *reinterpret_cast<const record::record_header*>(segment.data() + at);
      EXPECT_EQ(record.topic(), topic);
      chains[topic].insert(chains[topic].begin(), tests::payload_of(record));
      if (record.previous_distance == 0) break;
      at -= record.previous_distance;
    }
  }
  return chains;
}

TEST(topic_chains, in_a_segment_join_the_records_of_a_topic_also_after_a_refused_turn) {
  log_house house;
  house.options.segment_bytes = 1 << 20;
  ASSERT_TRUE(house.open());
  ASSERT_TRUE(house.append({"a", "b", "a"}));
  house.disk.capacity = house.disk.used() + 100;
  ASSERT_FALSE(house.append({"a", "c"}));
  house.disk.capacity = ~std::uint64_t{0};
  house.settle();
  house.pass(1000);
  ASSERT_TRUE(house.append({"c", "a"}));
  const auto chains = chains_in(house.disk.names.at(log_name(offset{0}))->bytes);
  EXPECT_EQ(chains.at("t/a"), (std::vector<std::string>{"a", "a", "a"}));
  EXPECT_EQ(chains.at("t/b"), (std::vector<std::string>{"b"}));
  EXPECT_EQ(chains.at("t/c"), (std::vector<std::string>{"c"}));
}

TEST(topic_chains, too_many_topics_seal_a_segment_early) {
  log_house house;
  house.options.segment_bytes = 1 << 20;
  house.options.segment_topics = 10;
  ASSERT_TRUE(house.open());
  for (std::size_t n = 0; n < 33; ++n) {
    ASSERT_TRUE(house.append({std::to_string(n)}));
    house.settle();
  }
  EXPECT_EQ(house.log->view().segments, 3U);
  EXPECT_EQ(house.read_all(), house.appended);
}

TEST(topics_file, is_written_when_a_segment_is_sealed) {
  log_house house;
  ASSERT_TRUE(house.open());
  fill_segments(house, 2);
  house.settle();
  const auto& file = house.disk.names.at(topics_name(offset{0}))->bytes;
  const auto& segment = house.disk.names.at(log_name(offset{0}))->bytes;
  std::size_t records = 0;
  for (const auto& list : lists_of(file)) {
    for (const auto& entry : list.entries) {
      const auto& record = *reinterpret_cast<const record::record_header*>(segment.data() + entry.position);
      EXPECT_EQ(record.topic(), list.names[0]);
      EXPECT_EQ(house.appended[entry.offset_delta].payload, tests::payload_of(record));
      ++records;
    }
  }
  // All but what the active segment has.
  offset second;
  for (const auto& [name, content] : house.disk.names) {
    if (offset first; parse_log_name(name, &first)) second = std::max(second, first);
  }
  EXPECT_EQ(records, second.value);
}

}  // namespace
}  // namespace headgate::broker::log
