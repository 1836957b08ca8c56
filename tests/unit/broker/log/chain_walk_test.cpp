#include "broker/log/chain_walk.hpp"

#include <cstring>

#include "broker/record/layout.hpp"
#include "tests/support/fake_disk.hpp"
#include "tests/unit/property.hpp"

namespace headgate::broker::log {
namespace {

constexpr std::uint64_t topic = 77;

// A file with records of one topic at these positions.
class chain_file {
 public:
  explicit chain_file(const std::vector<std::uint32_t>& positions, std::uint32_t record_size = 64) {
    data = *disk.open()->open("data", opening::created);
    std::uint32_t before = 0;
    for (const auto position : positions) {
      record::record_header header;
      header.size = record_size;
      header.topic_hash = topic;
      header.previous_distance = before == 0 ? 0 : position - before;
      put(position, header);
      before = position;
    }
  }
  void put(std::uint32_t position, const record::record_header& header) {
    const base::bytes bytes(reinterpret_cast<const std::uint8_t*>(&header), sizeof(header));
    ASSERT_TRUE(data->write(position, {&bytes, 1}));
  }
  record::record_header at(std::uint32_t position) {
    record::record_header header;
    std::memcpy(&header, disk.names["data"]->bytes.data() + position, sizeof(header));
    return header;
  }
  result<walked_chain> walk(std::uint32_t last, std::uint32_t low, std::size_t most = 1000) {
    return walk_chain(*data, topic, last, low, most, waiting::refused);
  }

  tests::fake_disk disk;
  std::shared_ptr<file> data;
};

using positions = std::vector<std::uint32_t>;

TEST(chain_walk, finds_all_from_the_last_back_to_the_first_that_is_wanted) {
  chain_file file({64, 10'000, 20'000, 90'000});
  EXPECT_EQ(file.walk(90'000, 0)->positions, (positions{64, 10'000, 20'000, 90'000}));
  EXPECT_EQ(file.walk(90'000, 10'000)->positions, (positions{10'000, 20'000, 90'000}));
  EXPECT_EQ(file.walk(90'000, 10'001)->positions, (positions{20'000, 90'000}));
  EXPECT_EQ(file.walk(64, 0)->positions, (positions{64}));
}

TEST(chain_walk, walks_no_further_than_it_may) {
  chain_file file({64, 10'000, 20'000, 90'000});
  EXPECT_EQ(file.walk(90'000, 0, 3)->end, walked_chain::end::far);
  EXPECT_EQ(file.walk(90'000, 0, 4)->end, walked_chain::end::whole);
}

TEST(chain_walk, says_when_they_stand_close_together) {
  for (const std::uint32_t distance : {64U * 14, 64U * 20}) {
    positions all;
    for (std::uint32_t n = 1; n <= 20; ++n) all.push_back(n * distance);
    chain_file file(all);
    EXPECT_EQ(file.walk(all.back(), 0)->end, distance < 64 * 16 ? walked_chain::end::dense : walked_chain::end::whole);
  }
}

TEST(chain_walk, does_not_follow_what_is_not_a_chain) {
  chain_file file({64, 10'000, 20'000});
  const auto broken = [&](auto change) {
    auto header = file.at(10'000);
    change(header);
    const auto before = file.at(10'000);
    file.put(10'000, header);
    const auto walked = file.walk(20'000, 0);
    file.put(10'000, before);
    return !walked && walked.error() == errc::damaged;
  };
  EXPECT_FALSE(broken([](auto&) {}));
  EXPECT_TRUE(broken([](auto& header) { header.topic_hash = 78; }));
  EXPECT_TRUE(broken([](auto& header) { header.kind = record::kind::snapshot; }));
  EXPECT_TRUE(broken([](auto& header) { header.previous_distance = 10'008; }));
  EXPECT_TRUE(broken([](auto& header) { header.previous_distance = 12; }));
  EXPECT_TRUE(broken([](auto& header) { header.previous_distance = 16; }));
  EXPECT_FALSE(file.walk(30'000, 0));  // behind the end of the file
}

TEST(chain_walk, says_what_the_device_says) {
  chain_file file({64, 10'000});
  file.disk.is_cold = true;
  EXPECT_EQ(file.walk(10'000, 0).error(), errc::would_wait);
  file.disk.is_cold = false;
  file.disk.fails_at = file.disk.calls + 1;
  EXPECT_EQ(file.walk(10'000, 0).error(), errc::failed);
}

}  // namespace
}  // namespace headgate::broker::log
