#include "net/buffer_pool.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include "tests/unit/property.hpp"

namespace headgate::net {
namespace {

std::vector<std::uint8_t> some_bytes(tests::dice& dice, std::size_t size) {
  std::vector<std::uint8_t> data(size);
  for (auto& byte : data) byte = static_cast<std::uint8_t>(dice.bits());
  return data;
}

TEST(buffer_pool, nothing_is_lent_for_nothing) {
  buffer_pool pool;
  buffer buffer;
  pool.append(buffer, {});
  EXPECT_EQ(buffer.data, nullptr);
  EXPECT_TRUE(buffer.empty());
  pool.give_back(buffer);
  EXPECT_EQ(buffer.capacity, 0U);
}

TEST(buffer_pool, size_classes_from_256_bytes_to_64_kilobytes) {
  buffer_pool pool;
  for (const auto& [size, capacity] : {std::pair<std::size_t, std::uint32_t>{1, 256},
                                       {256, 256},
                                       {257, 1024},
                                       {1025, 4096},
                                       {4097, 16'384},
                                       {16'385, 65'536},
                                       {65'536, 65'536},
                                       {65'537, 131'072},
                                       {1'000'000, 1'048'576}}) {
    buffer buffer;
    pool.make_room(buffer, size);
    EXPECT_EQ(buffer.capacity, capacity) << size;
    EXPECT_EQ(buffer.size(), 0U);
    pool.give_back(buffer);
  }
}

TEST(buffer_pool, what_is_given_back_is_lent_again) {
  buffer_pool pool;
  buffer first;
  pool.make_room(first, 1000);
  const auto* data = first.data;
  pool.give_back(first);
  EXPECT_EQ(first.data, nullptr);
  buffer second;
  pool.make_room(second, 1024);
  EXPECT_EQ(second.data, data);
  buffer third;
  pool.make_room(third, 1024);
  EXPECT_NE(third.data, data);
  pool.give_back(second);
  pool.give_back(third);
}

TEST(buffer_pool, what_was_consumed_makes_room_before_a_larger_buffer_does) {
  buffer_pool pool;
  tests::dice dice(1);
  buffer buffer;
  pool.append(buffer, some_bytes(dice, 250));
  const std::vector<std::uint8_t> rest(buffer.data + 200, buffer.data + 250);
  buffer.begin = 200;
  const auto* data = buffer.data;
  pool.make_room(buffer, 206);
  EXPECT_EQ(buffer.data, data);
  EXPECT_EQ(buffer.capacity, 256U);
  EXPECT_TRUE(std::ranges::equal(buffer.bytes(), rest));
  pool.make_room(buffer, 207);
  EXPECT_EQ(buffer.capacity, 1024U);
  EXPECT_TRUE(std::ranges::equal(buffer.bytes(), rest));
  pool.give_back(buffer);
}

TEST(buffer_pool, property_several_buffers_like_queues_of_bytes) {
  tests::for_each_seed([](tests::dice& dice) {
    buffer_pool pool;
    std::vector<buffer> buffers(5);
    std::vector<std::deque<std::uint8_t>> models(buffers.size());
    for (int step = 0; step < 1500; ++step) {
      const auto n = dice.below(buffers.size());
      auto& buffer = buffers[n];
      auto& model = models[n];
      if (dice.one_in(2)) {
        const auto data = some_bytes(dice, dice.below(dice.one_in(10) ? 20'000 : 400));
        pool.append(buffer, data);
        model.insert(model.end(), data.begin(), data.end());
      } else if (dice.one_in(20)) {
        pool.give_back(buffer);
        model.clear();
      } else {
        const auto taken = dice.below(buffer.size() + 1ULL);
        buffer.begin += taken;
        model.erase(model.begin(), model.begin() + taken);
      }
      ASSERT_LE(buffer.end, buffer.capacity);
      ASSERT_TRUE(std::ranges::equal(buffer.bytes(), model));
    }
    for (auto& buffer : buffers) pool.give_back(buffer);
  });
}

}  // namespace
}  // namespace headgate::net
