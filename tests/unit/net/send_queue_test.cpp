#include "net/send_queue.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "tests/unit/property.hpp"

namespace headgate::net {
namespace {

using parts_of = std::array<base::bytes, 64>;

std::vector<std::uint8_t> some_bytes(tests::dice& dice, std::size_t size) {
  std::vector<std::uint8_t> data(size);
  for (auto& byte : data) byte = static_cast<std::uint8_t>(dice.bits());
  return data;
}

std::vector<std::uint8_t> joined(std::span<const base::bytes> parts) {
  std::vector<std::uint8_t> all;
  for (const auto part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(send_queue, what_waits_stays_where_it_is) {
  buffer_pool pool;
  send_queue queue;
  tests::dice dice(1);
  const auto data = some_bytes(dice, 200);
  queue.append(pool, data);
  parts_of before;
  ASSERT_EQ(queue.first(200, before).size(), 1U);
  for (int n = 0; n < 5000; ++n) queue.append(pool, data);
  parts_of after;
  queue.first(queue.size(), after);
  EXPECT_EQ(after[0].data(), before[0].data());
  queue.clear(pool);
}

TEST(send_queue, much_has_few_parts_however_it_came) {
  buffer_pool pool;
  send_queue queue;
  const std::array<std::uint8_t, 1> byte{};
  while (queue.size() < 64 * 1024) queue.append(pool, byte);
  parts_of parts;
  EXPECT_LE(queue.first(queue.size(), parts).size(), 10U);
  queue.clear(pool);
}

TEST(send_queue, blocks_that_were_taken_are_lent_again) {
  buffer_pool pool;
  send_queue queue;
  tests::dice dice(1);
  const auto data = some_bytes(dice, 1000);
  queue.append(pool, data);
  parts_of parts;
  const auto* block = queue.first(1, parts).front().data();
  queue.consume(pool, queue.size());
  EXPECT_TRUE(queue.first(1, parts).empty());
  // What the system would give next is taken.
  buffer_pool other;
  auto taken = other.lend(1024);
  queue.append(pool, data);
  EXPECT_EQ(queue.first(1, parts).front().data(), block);
  queue.clear(pool);
  other.give_back(taken);
}

TEST(send_queue, names_as_much_as_is_asked_for_or_as_the_parts_can) {
  buffer_pool pool;
  send_queue queue;
  tests::dice dice(1);
  queue.append(pool, some_bytes(dice, 300'000));
  std::array<base::bytes, 2> two;
  EXPECT_EQ(joined(queue.first(1, two)).size(), 1U);
  EXPECT_EQ(queue.first(300'000, two).size(), 2U);
  parts_of all;
  EXPECT_EQ(joined(queue.first(100'000, all)).size(), 100'000U);
  EXPECT_EQ(joined(queue.first(1'000'000, all)).size(), 300'000U);
  queue.clear(pool);
}

TEST(send_queue, property_like_queues_of_bytes_that_share_a_pool) {
  tests::for_each_seed([](tests::dice& dice) {
    buffer_pool pool;
    std::vector<send_queue> queues(5);
    std::vector<std::deque<std::uint8_t>> models(queues.size());
    for (int step = 0; step < 1500; ++step) {
      const auto n = dice.below(queues.size());
      auto& queue = queues[n];
      auto& model = models[n];
      if (dice.one_in(2)) {
        const auto data = some_bytes(dice, dice.below(dice.one_in(50) ? 200'000 : 400));
        queue.append(pool, data);
        model.insert(model.end(), data.begin(), data.end());
      } else if (dice.one_in(20)) {
        queue.clear(pool);
        model.clear();
      } else {
        const auto taken = dice.below(queue.size() + 1ULL);
        queue.consume(pool, taken);
        model.erase(model.begin(), model.begin() + taken);
      }
      ASSERT_EQ(queue.size(), model.size());
      const auto most = dice.below(queue.size() + 1ULL);
      parts_of parts;
      const auto first = joined(queue.first(most, parts));
      ASSERT_TRUE(std::equal(first.begin(), first.end(), model.begin(), model.begin() + most));
    }
    for (auto& queue : queues) queue.clear(pool);
  });
}

}  // namespace
}  // namespace headgate::net
