#include "base/compact_string.hpp"

#include <vector>

#include "tests/unit/property.hpp"

namespace headgate::base {
namespace {

// A text of a given size whose bytes differ, zero and values above 127 among them.
std::string text_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t n = 0; n < size; ++n) text[n] = static_cast<char>(n * 37);
  return text;
}

constexpr std::size_t sizes[] = {0, 1, 22, 23, 24, 25, 100, 65'535};

TEST(compact_string, holds_texts_of_every_size_in_24_bytes) {
  EXPECT_EQ(sizeof(compact_string), 24U);
  for (const auto size : sizes) {
    const auto text = text_of(size);
    const compact_string held(text);
    EXPECT_EQ(held.view(), text) << size;
  }
  EXPECT_EQ(compact_string().view(), "");
  EXPECT_EQ(compact_string(std::string_view()).view(), "");
}

TEST(compact_string, short_texts_are_inside_and_long_ones_are_not) {
  const auto is_inside = [](const compact_string& held) {
    const auto* begin = reinterpret_cast<const char*>(&held);
    return held.view().data() >= begin && held.view().data() < begin + sizeof held;
  };
  EXPECT_TRUE(is_inside(compact_string(text_of(23))));
  EXPECT_FALSE(is_inside(compact_string(text_of(24))));
}

TEST(compact_string, moves_and_swaps_between_all_sizes) {
  for (const auto a : sizes) {
    for (const auto b : sizes) {
      compact_string first(text_of(a));
      compact_string second(text_of(b));
      first.swap(second);
      EXPECT_EQ(first.view(), text_of(b));
      EXPECT_EQ(second.view(), text_of(a));
      first = std::move(second);
      EXPECT_EQ(first.view(), text_of(a));
      const compact_string third(std::move(first));
      EXPECT_EQ(third.view(), text_of(a));
      EXPECT_EQ(first.view(), "");  // NOLINT(bugprone-use-after-move): moved from, it is empty
    }
  }
}

TEST(compact_string, a_move_or_swap_with_itself_changes_nothing) {
  for (const auto size : sizes) {
    compact_string held(text_of(size));
    auto& same = held;
    held = std::move(same);
    EXPECT_EQ(held.view(), text_of(size));
    held.swap(same);
    EXPECT_EQ(held.view(), text_of(size));
  }
}

TEST(compact_string, lives_in_a_vector_that_grows) {
  std::vector<compact_string> strings;
  for (std::size_t size = 0; size < 60; ++size) strings.emplace_back(text_of(size));
  for (std::size_t size = 0; size < 60; ++size) EXPECT_EQ(strings[size].view(), text_of(size));
}

}  // namespace
}  // namespace headgate::base
