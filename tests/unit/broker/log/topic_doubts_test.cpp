// What cannot be read, or is not what was written, while somebody reads by topic: nothing is missed that a scan finds.
#include "tests/unit/broker/log/topic_house.hpp"

namespace headgate::broker::tests {
namespace {

using log::offset;

// The files of the log's segments that end so.
std::vector<std::vector<std::uint8_t>*> files(topic_house& house, std::string_view ending) {
  std::vector<std::vector<std::uint8_t>*> found;
  for (auto& [name, content] : house.disk.names) {
    if (name.ends_with(ending)) found.push_back(&content->bytes);
  }
  return found;
}

// Changes a bit of a message's payload; returns where.
std::uint8_t* damage(topic_house& house, const std::string& payload) {
  for (auto* file : files(house, ".log")) {
    const auto at = std::search(file->begin(), file->end(), payload.begin(), payload.end());
    if (at == file->end()) continue;
    *at ^= 1;
    return &*at;
  }
  ADD_FAILURE() << "no such message";
  return nullptr;
}

TEST(topic_doubts, a_damaged_record_is_stepped_over) {
  dice dice(7);
  for (const bool cold : {false, true}) {
    topic_house house;
    ASSERT_TRUE(house.open());
    house.fill_segments(dice, 3);
    house.close();
    auto whole = [&] {
      EXPECT_TRUE(house.open());
      return house.scanned({"other/100"}, offset{0});
    }();
    ASSERT_GT(whole.size(), 2U);
    house.close();
    damage(house, whole[1].payload);
    whole.erase(whole.begin() + 1);
    ASSERT_TRUE(house.open());
    house.disk.is_cold = cold;
    topic_reader reader(house, selection_of({"other/100"}), offset{0});
    EXPECT_EQ(reader.read_all(), whole);
    EXPECT_EQ(reader.scans, 1);
    EXPECT_GT(house.log->view().parts_unreadable, 0U);
  }
}

// The bytes of a segment that is written to can go bad, too: then it is read as a scan reads it, which is led past the
// rest of the part.
TEST(topic_doubts, what_is_damaged_in_the_active_segment_is_stepped_over) {
  dice dice(8);
  topic_house house;
  house.options.segment_bytes = 16 * 1024 * 1024;
  house.options.read_bytes = 1;
  ASSERT_TRUE(house.open());
  for (int n = 0; n < 400; ++n) house.fill(dice, 10);
  const std::vector<std::string> wanted{"other/100", "other/102"};
  const auto whole = house.scanned(wanted, offset{0});
  ASSERT_GT(whole.size(), 5U);
  for (const auto& one : whole) {
    if (one.place > house.log->end().value / 2) break;  // the last part is kept in memory
    auto* byte = damage(house, one.payload);
    const auto left = house.scanned(wanted, offset{0});
    EXPECT_LT(left.size(), whole.size());
    topic_reader reader(house, selection_of(wanted), offset{0});
    EXPECT_EQ(reader.read_all(), left) << "damaged: " << one.place;
    EXPECT_EQ(reader.scans, 1);
    *byte ^= 1;
  }
}

// A chain that leads elsewhere than it was written to.
TEST(topic_doubts, a_broken_chain_is_not_followed) {
  dice dice(9);
  topic_house house;
  house.options.segment_bytes = 16 * 1024 * 1024;
  house.options.read_bytes = house.options.places_bytes = 1;
  ASSERT_TRUE(house.open());
  for (int n = 0; n < 400; ++n) house.fill(dice, 10);
  const auto whole = house.scanned({"other/100"}, offset{0});
  auto* file = files(house, ".log").front();
  const auto& payload = whole[whole.size() / 2].payload;
  const auto at = std::search(file->begin(), file->end(), payload.begin(), payload.end());
  const auto topic = at - static_cast<std::ptrdiff_t>(std::string_view("other/100").size());
  const auto distance = topic - static_cast<std::ptrdiff_t>(sizeof(std::uint32_t));
  for (const int changed : {0, 8, 255}) {
    std::vector<std::uint8_t> before(distance, topic);
    std::fill(distance, topic, std::uint8_t{0});
    *distance = static_cast<std::uint8_t>(changed);
    const auto left = house.scanned({"other/100"}, offset{0});
    EXPECT_LT(left.size(), whole.size());
    topic_reader reader(house, selection_of({"other/100"}), offset{0});
    EXPECT_EQ(reader.read_all(), left);
    EXPECT_GE(reader.scans, 1);
    std::copy(before.begin(), before.end(), distance);
  }
}

// The walk has read other bytes than those that were checked.
TEST(topic_doubts, a_walk_is_compared_with_what_was_checked) {
  dice dice(15);
  topic_house house;
  house.options.segment_bytes = house.options.read_bytes = 16 * 1024 * 1024;
  ASSERT_TRUE(house.open());
  for (int n = 0; n < 400; ++n) house.fill(dice, 10);
  const auto whole = house.scanned({"other/100"}, offset{0});  // and keeps all parts in memory
  auto* file = files(house, ".log").front();
  const auto& payload = whole[whole.size() / 2].payload;
  const auto at = std::search(file->begin(), file->end(), payload.begin(), payload.end());
  const auto topic = at - static_cast<std::ptrdiff_t>(std::string_view("other/100").size());
  std::fill(topic - static_cast<std::ptrdiff_t>(sizeof(std::uint32_t)), topic, std::uint8_t{0});
  topic_reader reader(house, selection_of({"other/100"}), offset{0});
  EXPECT_EQ(reader.read_all(), whole);
  EXPECT_EQ(reader.scans, 1);
}

TEST(topic_doubts, without_whole_topics_files_it_scans) {
  dice dice(10);
  for (const int how : {0, 1, 2, 3}) {
    topic_house house;
    ASSERT_TRUE(house.open());
    house.fill_segments(dice, 3);
    house.close();
    for (auto* file : files(house, ".topics")) {
      if (how == 0) file->clear();
      if (how == 1) file->resize(file->size() - 1);
      // A damaged list harms its part alone.
      if (how == 2) std::for_each(file->begin() + 100, file->end(), [](auto& byte) { byte ^= 1; });
    }
    if (how == 3) std::erase_if(house.disk.names, [](const auto& one) { return one.first.ends_with(".topics"); });
    ASSERT_TRUE(house.open());
    expect_like_a_scan(house, {"other/100"}, offset{0});
    topic_reader reader(house, selection_by_prefix("seven/7"), offset{0});
    EXPECT_EQ(reader.read_all(),
              house.scanned([](const auto& topic) { return topic.starts_with("seven/7"); }, offset{0}));
    EXPECT_GE(reader.scans, 3);
  }
}

// Whatever call of the disk fails once, and whatever it is that fails: nothing is missed.
TEST(topic_doubts, each_call_of_the_disk_fails_once) {
  dice dice(11);
  topic_house house;
  house.options.segment_bytes = 64 * 1024;
  house.options.tail_bytes = 1;
  ASSERT_TRUE(house.open());
  while (house.log->view().segments < 4) {
    house.fill(dice, 20);
    house.settle();
  }
  const auto files_before = house.disk.names;
  const std::vector<std::string> wanted{"other/100", "other/101"};
  const auto whole = house.scanned(wanted, offset{0});
  for (const bool cold : {false, true}) {
    for (const auto& selection : {selection_of(wanted), selection_by_prefix("seven/7")}) {
      const auto expected =
          selection->matches ? house.scanned([](const auto& topic) { return topic.starts_with("seven/7"); }, offset{0})
                             : whole;
      bool failed = true;
      for (std::uint64_t n = 0; failed; ++n) {
        ASSERT_LT(n, 500U);
        house.disk.is_cold = false;
        house.close();
        ASSERT_TRUE(house.open());
        house.disk.is_cold = cold;
        house.disk.fails_at = house.disk.calls + n;
        topic_reader reader(house, selection, offset{0});
        ASSERT_EQ(reader.read_all(1000), expected) << "call " << n << (cold ? ", cold" : "");
        failed = house.disk.calls > *house.disk.fails_at;
        house.disk.fails_at.reset();
      }
    }
  }
}

}  // namespace
}  // namespace headgate::broker::tests
