#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace headgate::base {
namespace {

enum class errc { too_long, too_short };

result<std::string, errc> shorten(const std::string& text) {
  if (text.size() > 10) return errc::too_long;
  if (text.empty()) return errc::too_short;
  return text.substr(1);
}

TEST(result, a_value_or_the_reason_why_there_is_none) {
  const auto good = shorten("word");
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, "ord");
  EXPECT_EQ(good->size(), 3U);
  const auto bad = shorten("");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), errc::too_short);
  EXPECT_EQ(shorten("more than ten").error(), errc::too_long);
}

TEST(result, the_value_can_be_changed_and_moved_out) {
  result<std::unique_ptr<int>, errc> made(std::make_unique<int>(3));
  **made = 4;
  const auto taken = std::move(*made);
  EXPECT_EQ(*taken, 4);
}

TEST(result_death, asking_for_what_is_not_there_is_our_bug) {
  EXPECT_DEATH((void)*shorten(""), "assertion failed");
  EXPECT_DEATH((void)shorten("word").error(), "assertion failed");
}

}  // namespace
}  // namespace headgate::base
