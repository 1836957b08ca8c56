#include "base/byte_cursor.hpp"

#include <vector>

#include "tests/unit/property.hpp"

namespace headgate::base {
namespace {

TEST(byte_cursor, reads_big_endian_numbers_and_ranges) {
  const std::vector<std::uint8_t> data{0x01, 0x02, 0x03, 0xfe, 0xdc, 0xba, 0x98, 'a', 'b', 'c', 'd'};
  byte_cursor cursor(data);
  EXPECT_EQ(cursor.read_u8(), 0x01);
  EXPECT_EQ(cursor.read_u16(), 0x0203);
  EXPECT_EQ(cursor.read_u32(), 0xfedc'ba98U);
  EXPECT_EQ(as_text(cursor.read_bytes(2)), "ab");
  EXPECT_EQ(cursor.remaining(), 2U);
  EXPECT_EQ(as_text(cursor.read_rest()), "cd");
  EXPECT_TRUE(cursor.empty());
  EXPECT_EQ(cursor.read_rest().size(), 0U);
  EXPECT_FALSE(cursor.failed());
}

TEST(byte_cursor, what_does_not_fit_gives_nothing_and_fails_for_good) {
  const std::vector<std::uint8_t> data{0xff, 0xff, 0xff};
  for (int first = 0; first < 2; ++first) {
    byte_cursor cursor(data);
    if (first == 0) {
      EXPECT_EQ(cursor.read_u32(), 0U);
    } else {
      EXPECT_EQ(cursor.read_bytes(4).size(), 0U);
    }
    EXPECT_TRUE(cursor.failed());
    EXPECT_TRUE(cursor.empty());
    EXPECT_EQ(cursor.remaining(), 0U);
    EXPECT_EQ(cursor.read_u8(), 0);
    EXPECT_EQ(cursor.read_u16(), 0);
    EXPECT_EQ(cursor.read_bytes(1).size(), 0U);
    EXPECT_EQ(cursor.read_rest().size(), 0U);
    EXPECT_EQ(cursor.read_bytes(0).size(), 0U);
    EXPECT_TRUE(cursor.failed());
  }
}

TEST(byte_cursor, nothing_to_read) {
  byte_cursor cursor{bytes()};
  EXPECT_TRUE(cursor.empty());
  EXPECT_EQ(cursor.read_bytes(0).size(), 0U);
  EXPECT_FALSE(cursor.failed());
  EXPECT_EQ(cursor.read_u16(), 0);
  EXPECT_TRUE(cursor.failed());
}

// Against an index and a flag; the vector's end is the end of its memory, so that the address sanitizer sees one byte
// too far.
TEST(byte_cursor, property_never_past_the_end) {
  tests::for_each_seed([](tests::dice& dice) {
    for (int round = 0; round < 2000; ++round) {
      std::vector<std::uint8_t> data(dice.below(40));
      data.shrink_to_fit();
      for (auto& byte : data) byte = static_cast<std::uint8_t>(dice.bits());
      byte_cursor cursor(data);
      std::size_t at = 0;
      bool failed = false;
      const auto take = [&](std::size_t size) {
        failed = failed || data.size() - at < size;
        std::vector<std::uint8_t> taken;
        if (!failed) taken.assign(data.begin() + static_cast<std::ptrdiff_t>(at), data.begin() + at + size);
        at = failed ? data.size() : at + size;
        return taken;
      };
      const auto number = [&](std::size_t size) {
        std::uint32_t value = 0;
        for (const auto byte : take(size)) value = value << 8 | byte;
        return value;
      };
      for (int read = 0; read < 12; ++read) {
        const auto size = dice.below(8);
        switch (dice.below(4)) {
          case 0:
            ASSERT_EQ(cursor.read_u8(), number(1));
            break;
          case 1:
            ASSERT_EQ(cursor.read_u16(), number(2));
            break;
          case 2:
            ASSERT_EQ(cursor.read_u32(), number(4));
            break;
          default:
            const auto view = cursor.read_bytes(size);
            ASSERT_EQ(std::vector<std::uint8_t>(view.begin(), view.end()), take(size));
        }
        ASSERT_EQ(cursor.failed(), failed);
        ASSERT_EQ(cursor.remaining(), data.size() - at);
      }
    }
  });
}

}  // namespace
}  // namespace headgate::base
