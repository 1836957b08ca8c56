#include "loadtest/core/text_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::loadtest::core {
namespace {

using testing::HasSubstr;

text_template parsed(std::string_view text) {
  auto made = text_template::parse(text);
  EXPECT_TRUE(std::holds_alternative<text_template>(made)) << text;
  return std::get<text_template>(made);
}

std::string complaint_about(std::string_view text) {
  auto made = text_template::parse(text);
  return std::holds_alternative<std::string>(made) ? std::get<std::string>(made) : "";
}

TEST(text_template, puts_numbers_in_their_places) {
  EXPECT_EQ(parsed("a/%c/b%n").expanded(7, 12), "a/7/b12");
  EXPECT_EQ(parsed("%c%c").expanded(7, 0), "77");
  EXPECT_EQ(parsed("plain").expanded(7, 12), "plain");
  EXPECT_EQ(parsed("").expanded(7, 12), "");
}

TEST(text_template, digits_fill_up_with_zeros_and_never_cut) {
  EXPECT_EQ(parsed("%4c").expanded(7, 0), "0007");
  EXPECT_EQ(parsed("%2n").expanded(0, 12345), "12345");
  EXPECT_EQ(parsed("%12c").expanded(7, 0), "000000000007");
  EXPECT_EQ(parsed("%0c").expanded(7, 0), "7");
}

TEST(text_template, two_percent_signs_are_one) {
  EXPECT_EQ(parsed("100%%").expanded(1, 2), "100%");
  EXPECT_EQ(parsed("%%c").expanded(1, 2), "%c");
  EXPECT_FALSE(parsed("%%c").names_client());
}

TEST(text_template, says_which_places_it_has) {
  EXPECT_TRUE(parsed("a/%c").names_client());
  EXPECT_FALSE(parsed("a/%c").names_topic());
  EXPECT_TRUE(parsed("a/%3n").names_topic());
  EXPECT_EQ(parsed("a/%3n").text(), "a/%3n");
}

TEST(text_template, refuses_what_begins_no_place_and_says_what_to_write) {
  for (const char* text : {"%", "a/%x", "%123c", "%5", "%5%", "% c", "%C"}) {
    EXPECT_THAT(complaint_about(text), HasSubstr("'" + std::string(text) + "'"));
    EXPECT_THAT(complaint_about(text), HasSubstr("%c is the client's number"));
  }
}

TEST(text_template, a_literal_has_no_places) {
  const text_template made = text_template::literal("50%c");
  EXPECT_EQ(made.expanded(1, 2), "50%c");
  EXPECT_EQ(made.text(), "50%c");
  EXPECT_FALSE(made.names_client());
}

TEST(text_template, expand_appends) {
  std::string out = "x";
  parsed("-%c").expand(3, 0, out);
  parsed("-%n").expand(0, 4, out);
  EXPECT_EQ(out, "x-3-4");
}

}  // namespace
}  // namespace headgate::loadtest::core
