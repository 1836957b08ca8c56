#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace headgate::cli {
namespace {

TEST(table, aligns_by_characters_on_a_terminal) {
  table rows({"ID", "N"});
  rows.add({"ü", "1"});
  rows.add({"abc", "22"});
  EXPECT_EQ(rows.text(true), "ID   N\nü    1\nabc  22\n");
  EXPECT_EQ(rows.text(false), "ü\t1\nabc\t22\n");
}

TEST(table, makes_control_characters_visible) {
  EXPECT_EQ(printable("a\x1b[2J\n\t\x7f"), "a\\x1b[2J\\x0a\\x09\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "U+009B begins a control sequence too";
  EXPECT_EQ(printable("ü\xc2\xa0"), "ü\xc2\xa0");
  table rows({});
  rows.add({"a\tb", "c"});
  EXPECT_EQ(rows.text(false), "a\\x09b\tc\n");
}

}  // namespace
}  // namespace headgate::cli
