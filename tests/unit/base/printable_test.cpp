#include "base/printable.hpp"

#include <gtest/gtest.h>

namespace headgate::base {
namespace {

TEST(printable, keeps_what_people_read) {
  EXPECT_EQ(printable("ger\xc3\xa4t 7/\xe6\xb8\xa9\xf0\x9f\x8c\xa1"), "ger\xc3\xa4t 7/\xe6\xb8\xa9\xf0\x9f\x8c\xa1");
  EXPECT_EQ(printable(""), "");
}

TEST(printable, shows_that_something_was_there) {
  EXPECT_EQ(printable("a\nb\x1b[2J\x7f"), "a?b?[2J?");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "?2J")
      << "U+009B begins a control sequence too";
  EXPECT_EQ(printable("a\xe2\x80\xa8"
                      "b\xe2\x80\xa9"),
            "a?b?")
      << "ends of lines";
  EXPECT_EQ(printable("\xff\xc3"), "??") << "no UTF-8";
}

TEST(printable, is_cut_between_characters) {
  EXPECT_EQ(printable("abcd", 4), "abcd");
  EXPECT_EQ(printable("abcde", 4), "abcd…");
  EXPECT_EQ(printable("abc\xc3\xa4", 4), "abc…");
}

}  // namespace
}  // namespace headgate::base
