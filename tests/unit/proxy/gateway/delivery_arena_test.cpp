#include "proxy/gateway/delivery_arena.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "tests/unit/property.hpp"

namespace headgate::proxy::gateway {
namespace {

base::bytes write(delivery_arena& arena, std::size_t size, std::uint8_t value = 0) {
  auto* begin = arena.reserve(size);
  std::memset(begin, value, size);
  arena.take(begin + size);
  return {begin, size};
}

TEST(delivery_arena, pieces_stand_one_behind_the_other) {
  delivery_arena arena;
  const auto first = write(arena, 10);
  const auto second = write(arena, 20);
  EXPECT_EQ(second.data(), first.data() + 10);
  // What is reserved and not taken is reserved again.
  auto* begin = arena.reserve(100);
  arena.take(begin + 3);
  EXPECT_EQ(arena.reserve(100), begin + 3);
}

TEST(delivery_arena, a_full_block_is_followed_by_another) {
  delivery_arena arena;
  const auto first = write(arena, base::arena_block_bytes - 10);
  const auto fits = write(arena, 10);
  EXPECT_EQ(fits.data(), first.data() + first.size());
  const auto second = write(arena, 10, 7);
  EXPECT_TRUE(second.data() < first.data() || second.data() >= first.data() + base::arena_block_bytes);
}

TEST(delivery_arena, a_turn_uses_the_blocks_of_the_one_before) {
  delivery_arena arena;
  std::set<const std::uint8_t*> blocks;
  for (int turn = 0; turn < 100; ++turn) {
    for (int piece = 0; piece < 5; ++piece) blocks.insert(write(arena, base::arena_block_bytes).data());
    arena.add_extent({});
    arena.reset();
  }
  EXPECT_EQ(blocks.size(), 5U);
}

TEST(delivery_arena, a_large_piece_leaves_no_more_blocks_behind) {
  delivery_arena arena;
  std::set<const std::uint8_t*> blocks;
  for (int turn = 0; turn < 100; ++turn) {
    blocks.insert(write(arena, 100).data());
    write(arena, 3 * base::arena_block_bytes);
    blocks.insert(write(arena, 100).data());
    arena.reset();
  }
  EXPECT_LE(blocks.size(), 2U);
}

TEST(delivery_arena, extents_go_with_the_turn) {
  delivery_arena arena;
  const auto piece = write(arena, 5);
  EXPECT_EQ(arena.add_extent(piece), 0U);
  EXPECT_EQ(arena.add_extent(piece), 1U);
  EXPECT_EQ(arena[1].data, piece.data());
  EXPECT_EQ(arena[1].size, 5U);
  arena[0].next = 1;
  EXPECT_EQ(arena[0].next, 1U);
  arena.reset();
  EXPECT_EQ(arena.add_extent(piece), 0U);
}

TEST(delivery_arena, asks_for_a_flush_when_much_has_gathered) {
  delivery_arena arena;
  EXPECT_FALSE(arena.wants_flush());
  std::size_t written = 0;
  for (; !arena.wants_flush(); written += 1000) write(arena, 1000);
  EXPECT_GE(written, base::arena_bytes_per_flush);
  EXPECT_LT(written, base::arena_bytes_per_flush + 1000);
  arena.reset();
  EXPECT_FALSE(arena.wants_flush());
  for (std::size_t n = 0; n < base::arena_extents_per_flush; ++n) arena.add_extent({});
  EXPECT_TRUE(arena.wants_flush());
}

TEST(delivery_arena, property_no_two_pieces_of_a_turn_overlap) {
  tests::for_each_seed([](tests::dice& dice) {
    delivery_arena arena;
    for (int turn = 0; turn < 10; ++turn) {
      std::vector<std::pair<base::bytes, std::uint8_t>> pieces;
      for (auto count = dice.below(40); count > 0; --count) {
        const auto size = dice.below(dice.one_in(10) ? 3 * base::arena_block_bytes : 5000);
        const auto value = static_cast<std::uint8_t>(dice.bits());
        pieces.emplace_back(write(arena, size, value), value);
      }
      for (const auto& [piece, value] : pieces) {
        const auto same = [expected = value](std::uint8_t byte) { return byte == expected; };
        ASSERT_TRUE(std::ranges::all_of(piece, same)) << "turn " << turn;
      }
      arena.reset();
    }
  });
}

}  // namespace
}  // namespace headgate::proxy::gateway
