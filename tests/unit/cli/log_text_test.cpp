#include "cli/log_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <vector>

#include "base/utf8_character.hpp"
#include "tests/unit/property.hpp"

namespace headgate::cli {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t room = 2048;
constexpr log_time some_time{std::chrono::milliseconds(1'795'655'715'042)};

boost::json::object parsed(const std::string& line) {
  EXPECT_TRUE(line.ends_with('\n'));
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  return boost::json::parse(line).as_object();
}

std::string random_bytes(headgate::tests::dice& dice, std::size_t most) {
  std::string text;
  const auto size = dice.below(most);
  const bool any = dice.one_in(2);
  while (text.size() < size) text += static_cast<char>(any ? dice.below(256) : 0x20 + dice.below(0x60));
  return text;
}

TEST(json_line, has_its_members_in_order) {
  const std::array fields = {base::log_field{"client", "thermometer-7"}, base::log_field{"address", "127.0.0.1:9"}};
  EXPECT_EQ(R"({"time":"2026-11-26T01:15:15.042Z","level":"info","event":"client_connected","text":"came",)"
            R"("client":"thermometer-7","address":"127.0.0.1:9"})"
            "\n",
            json_line({base::severity::info, "client_connected", "came", fields}, some_time, room));
}

TEST(json_line, escapes) {
  const auto line =
      json_line({base::severity::error, "e", std::string_view("\"\\\n\t\0\x7f\xc3\xa4\xff", 9), {}}, some_time, room);
  EXPECT_THAT(line, HasSubstr("\"text\":\"\\\"\\\\\\n\\u0009\\u0000\x7f\xc3\xa4\xef\xbf\xbd\"}"));
  EXPECT_EQ("error", parsed(line).at("level").as_string());
}

TEST(json_line, a_field_does_not_take_the_place_of_a_member) {
  const base::log_field field{"text", "x"};
  const auto object = parsed(json_line({base::severity::info, "e", "t", {&field, 1}}, some_time, room));
  EXPECT_EQ("t", object.at("text").as_string());
  EXPECT_EQ("x", object.at("text_").as_string());
}

TEST(json_line, what_is_too_long_is_cut) {
  const std::string long_text(10'000, '"');
  const std::array fields = {base::log_field{"client", long_text}, base::log_field{"other", long_text},
                             base::log_field{"another", long_text}};
  const auto line = json_line({base::severity::info, "e", long_text, fields}, some_time, room);
  EXPECT_LE(line.size(), room);
  const auto object = parsed(line);
  EXPECT_TRUE(object.at("cut").as_bool());
  EXPECT_GT(object.at("text").as_string().size(), 400U);
  EXPECT_GT(object.at("client").as_string().size(), 100U);
}

TEST(json_line, property_is_valid_json_of_one_line_whatever_the_bytes) {
  headgate::tests::for_each_seed([](headgate::tests::dice& dice) {
    for (int round = 0; round < 2000; ++round) {
      const auto event = random_bytes(dice, 100);
      const auto text = random_bytes(dice, dice.one_in(4) ? 5000 : 60);
      const auto most = 512 + dice.below(3000);
      std::vector<std::string> values;
      for (int n = 0; n < 8; ++n) values.push_back(random_bytes(dice, dice.one_in(6) ? 2000 : 40));
      std::vector<base::log_field> fields;
      for (std::size_t n = 0; n < 2 * dice.below(5); n += 2) fields.push_back({values[n], values[n + 1]});
      const auto line = json_line({base::severity::warning, event, text, fields}, some_time, most);
      ASSERT_LE(line.size(), most);
      const auto object = parsed(line);
      for (auto rest = std::string_view(line); !rest.empty(); rest.remove_prefix(base::utf8_character_bytes(rest)))
        ASSERT_NE(0U, base::utf8_character_bytes(rest));
      ASSERT_TRUE(object.contains("time") && object.contains("level") && object.contains("event"));
    }
  });
}

TEST(text_line, is_one_line_with_time_and_severity) {
  const auto line = text_line({base::severity::warning, "e", "a\nb\x1b[2J\xc3\xa4", {}}, some_time, room);
  EXPECT_THAT(line, ::testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.]042 warning a[?]b[?].2J.*\n"));
  EXPECT_THAT(line, ::testing::EndsWith("[2J\xc3\xa4\n"));
  const std::string long_text(10'000, 'x');
  EXPECT_EQ(100U, text_line({base::severity::warning, "e", long_text, {}}, some_time, 100).size());
}

}  // namespace
}  // namespace headgate::cli
