#include "base/keyed_hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace headgate::base {
namespace {

TEST(keyed_hash, same_text_same_hash_in_one_and_another_in_the_next) {
  const keyed_hash first;
  const keyed_hash second;
  std::set<std::uint64_t> seen;
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(first(text), first(text));
    EXPECT_TRUE(seen.insert(first(text)).second) << size;
    EXPECT_TRUE(seen.insert(second(text)).second) << size;
  }
}

}  // namespace
}  // namespace headgate::base
