#include "proxy/auth/acl_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/text_mutations.hpp"

namespace headgate::proxy::auth {
namespace {

using ::testing::HasSubstr;
using access = acl_rule::access;

std::string errors_of(std::string_view text) {
  return describe("rules", parse_acl_file(text).errors);
}

// "r a, d b"
std::string shown(const std::vector<acl_rule>& rules) {
  std::string text;
  for (const auto& rule : rules) {
    const auto* letters = rule.what == access::read    ? "r"
                          : rule.what == access::write ? "w"
                          : rule.what == access::deny  ? "d"
                                                       : "rw";
    text += (text.empty() ? "" : ", ") + std::string(letters) + " " + rule.filter;
  }
  return text;
}

TEST(acl_file, all_forms_are_read) {
  const auto parsed = parse_acl_file(
      "# anonymous first\r\n"
      "topic read news/#\r\n"
      "topic  $SYS/#  \n"
      "\n"
      "user  alice b \n"
      "topic readwrite a  b/c d\n"
      "topic write +/x\n"
      "topic deny a/secret\n"
      "  topic   read   x y \n"
      "pattern read down/%c/%u/#\n"
      "pattern deny %c/secret\n"
      "user bob\n"
      "user alice b\n"
      "topic #\n");
  EXPECT_EQ("", describe("rules", parsed.errors));
  EXPECT_EQ("r news/#, rw $SYS/#", shown(parsed.rules.anonymous));
  ASSERT_EQ(2U, parsed.rules.users.size());
  EXPECT_EQ("d a/secret, rw a  b/c d, w +/x, r x y, rw #", shown(parsed.rules.users.at("alice b")));
  EXPECT_EQ("", shown(parsed.rules.users.at("bob")));
  EXPECT_EQ("d %c/secret, r down/%c/%u/#", shown(parsed.rules.patterns));
}

TEST(acl_file, every_wrong_line_is_named) {
  EXPECT_EQ(
      "rules:1: 'topics' begins no rule: a line is 'user NAME', 'topic [read|write|readwrite|deny] FILTER', 'pattern "
      "…' "
      "like topic, or a comment after '#'\n"
      "rules:2: the name of the user is missing: write 'user NAME'\n"
      "rules:3: the topic is missing: write 'topic [read|write|readwrite|deny] FILTER'\n"
      "rules:4: the topic is missing behind 'read'; one that is called so is written 'pattern readwrite read'\n"
      "rules:6: 'a' is none of read, write, readwrite and deny, one of which has to stand before a topic with spaces\n"
      "rules:7: 'a#' is no topic filter: '+' stands for a whole level, '#' for all levels at the end, and there are "
      "200 "
      "levels at most\n",
      errors_of("topics a\nuser \ntopic\npattern read\ntopic a\ntopic a b\npattern write a#\n"));
}

TEST(acl_file, bytes_are_checked) {
  EXPECT_THAT(errors_of("topic read\ta"), HasSubstr("rules:1: there is a tab in this line: write a space instead"));
  EXPECT_THAT(errors_of("topic a\xff"), HasSubstr("rules:1: this is no UTF-8"));
  EXPECT_THAT(errors_of("topic a\x01"), HasSubstr("rules:1: there is a control character"));
  EXPECT_EQ("", errors_of("\xef\xbb\xbftopic a\t\r\n# \xff"));
}

TEST(acl_file, a_topic_called_like_an_access) {
  EXPECT_EQ("r read", shown(parse_acl_file("topic read read").rules.anonymous));
  EXPECT_EQ("rw reads", shown(parse_acl_file("topic reads").rules.anonymous));
}

TEST(acl_file, property_a_badly_edited_file_is_refused_at_a_line_or_read) {
  const std::string good =
      "# rules\ntopic read news/#\nuser alice\ntopic deny a/+/b\ntopic readwrite a/#\nuser: b\npattern read %c/%u\n";
  tests::for_each_seed([&](tests::dice& dice) {
    for (int round = 0; round < 5'000; ++round) {
      const auto text = tests::mutated(good, dice);
      const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
      const auto parsed = parse_acl_file(text);
      std::size_t before = 0;
      for (const auto& error : parsed.errors) {
        ASSERT_GT(error.line, before);
        ASSERT_LE(error.line, lines);
        ASSERT_FALSE(error.sentence.empty());
        ASSERT_EQ(std::string::npos, error.sentence.find('\n'));
        before = error.line;
      }
      may_read(parsed.rules, {"c", "alice"}, "a/x/b");
      may_subscribe(parsed.rules, {"c", "alice"}, "a/#");
    }
  });
}

}  // namespace
}  // namespace headgate::proxy::auth
