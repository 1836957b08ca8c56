#include "loadtest/core/stamp.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string_view>

#include "base/hash.hpp"

namespace headgate::loadtest::core {
namespace {

std::uint32_t low_hash(std::string_view text) {
  return static_cast<std::uint32_t>(base::hash_of(text));
}

// The example of loadtest/core/FORMAT.md.
TEST(stamp, the_example_has_these_bytes) {
  constexpr std::array<std::uint8_t, 40> golden = {
      0x64, 0x61, 0x6f, 0x4c, 0x07, 0x00, 0x00, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x2f, 0x68, 0x59, 0x00, 0x00, 0x00, 0x00, 0xf4, 0x99, 0xca, 0x84,
      0x30, 0x00, 0x00, 0x00, 0x31, 0x7b, 0x16, 0xe0, 0xac, 0x01, 0x31, 0x10,
  };
  stamp example{0x4c6f6164, 7, 42, 1'500'000'000, low_hash("a/7"), 48, low_hash("headgate"), 0};
  example.check = low_hash({reinterpret_cast<const char*>(&example), 36});
  std::array<std::uint8_t, 40> bytes{};
  std::memcpy(bytes.data(), &example, bytes.size());
  EXPECT_EQ(bytes, golden);
  EXPECT_EQ(low_hash(""), 0x38d394c2U);
}

}  // namespace
}  // namespace headgate::loadtest::core
