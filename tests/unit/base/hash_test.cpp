#include "base/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace headgate::base {
namespace {

// XXH3_64bits() with seed 0 as the Python package xxhash computes it; one text for each way that XXH3 takes by size (0,
// 1 to 3, 17 to 128, 129 to 240, more). Slots and records depend on them for life.
TEST(hash_of, golden_values_of_xxh3_64) {
  EXPECT_EQ(hash_of(""), 0x2d06'8005'38d3'94c2U);
  EXPECT_EQ(hash_of("abc"), 0x78af'5f94'892f'3950U);
  EXPECT_EQ(hash_of("sensors/building-7/floor-3/temperature"), 0xa771'4fb5'18bd'77d8U);
  EXPECT_EQ(hash_of(std::string(200, 'a')), 0xac2b'd404'bce6'c995U);
  EXPECT_EQ(hash_of(std::string(1000, 'a')), 0xb3e7'af62'7147'db7cU);
}

}  // namespace
}  // namespace headgate::base
