#include "proxy/auth/password_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/auth/password_edit.hpp"
#include "proxy/auth/user_name.hpp"
#include "tests/unit/text_mutations.hpp"

namespace headgate::proxy::auth {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string hash_a =
    "$7$1$c2FsdA==$hn9wzxreAs/zdSWZo6U9xK80x6ZpgVrl1RNVThyM8lLALUcKKFoFAbrZmb/pQ8CPBQI119aLHaVeY/c7YKV/zg==";
const std::string hash_b =
    "$6$AAECAwQFBgcICQoL$"
    "tNZ8oyc1q2aKBwA6qseySr9+9r/m9X8I5MmY6UO0t7YL1cyyZLbInCJ8szDFrOTF29sjnwquvkDAerLm6G4biQ==";

std::vector<std::string> names_of(const password_file& file) {
  std::vector<std::string> names;
  for (const auto& [name, hash] : file.users) names.push_back(name);
  return names;
}

std::string errors_of(std::string_view text) {
  return describe("users", parse_password_file(text).errors);
}

TEST(password_file, users_are_read) {
  const auto parsed =
      parse_password_file("# users\n\nb b:" + hash_b + "\r\n  a : " + hash_a + "  \n   \n  # more\n/+#:" + hash_a);
  EXPECT_EQ("", describe("users", parsed.errors));
  EXPECT_THAT(names_of(parsed.file), ElementsAre("/+#", "a", "b b"));
  EXPECT_TRUE(is_password_of(parsed.file.users.at("a"), "password"));
  EXPECT_TRUE(is_password_of(parsed.file.users.at("b b"), "old secret"));
}

TEST(password_file, nothing_says_nothing) {
  for (const auto* text : {"", "\n", "\r\n\n", "# a:b", "\xef\xbb\xbf"}) {
    const auto parsed = parse_password_file(text);
    EXPECT_THAT(parsed.errors, IsEmpty());
    EXPECT_THAT(parsed.file.users, IsEmpty());
  }
}

TEST(password_file, a_byte_order_mark_is_no_part_of_a_name) {
  EXPECT_THAT(names_of(parse_password_file("\xef\xbb\xbf"
                                           "a:" +
                                           hash_a)
                           .file),
              ElementsAre("a"));
}

// Files that were joined have marks in their midst; and a line keeps its meaning when the one before it goes.
TEST(password_file, a_byte_order_mark_before_any_line_is_no_part_of_a_name) {
  const auto text = "a:" + hash_a + "\n\xef\xbb\xbf" + "b:" + hash_a + "\n\xef\xbb\xbf" + "a:x\n";
  EXPECT_THAT(names_of(parse_password_file(text).file), ElementsAre("a", "b"));
  EXPECT_EQ(
      "\xef\xbb\xbf"
      "b:" +
          hash_a + "\n",
      without_user(text, "a"));
}

TEST(password_file, every_wrong_line_is_named) {
  EXPECT_EQ(
      "users:2: a line is USER:HASH, as 'headgate passwd add USER' writes it; a comment begins with '#'\n"
      "users:4: the name of the user is empty: a line is USER:HASH\n"
      "users:5: 'a' has no hash: 'headgate passwd add a' writes a new one\n",
      errors_of("x:" + hash_a + "\nalice\n\n:" + hash_a + "\na:\n"));
}

TEST(password_file, plain_text_is_named_but_not_repeated) {
  EXPECT_THAT(errors_of("bob:secret\n"), AllOf(HasSubstr("users:1: the password of 'bob' stands here in plain text"),
                                               HasSubstr("'headgate passwd add bob'"), HasSubstr("mosquitto_passwd -U"),
                                               Not(HasSubstr("secret"))));
  EXPECT_THAT(errors_of("b b:secret"), HasSubstr("'headgate passwd add 'b b''"));
}

TEST(password_file, a_user_has_one_line) {
  const auto text = "a:" + hash_a + "\n#\na:" + hash_b + "\n";
  EXPECT_EQ("users:3: 'a' stands in line 1 already: take one of the two out\n", errors_of(text));
}

TEST(password_file, hashes_are_checked) {
  EXPECT_EQ(
      "users:1: the hash of 'a' cannot be used, since it begins neither with $6$ nor with $7$, the kinds that are "
      "known: "
      "'headgate passwd add a' writes a new one\n",
      errors_of("a:$5$x$y"));
  EXPECT_THAT(errors_of("a:" + hash_a + ":x"), HasSubstr("users:1: the hash of 'a' cannot be used"));
}

TEST(password_file, bytes_are_checked) {
  EXPECT_THAT(errors_of("\xff:" + hash_a), HasSubstr("users:1: this is no UTF-8"));
  EXPECT_THAT(errors_of("a\tb:" + hash_a), HasSubstr("users:1: there is a tab"));
  EXPECT_THAT(errors_of(std::string("a\0b:", 4) + hash_a), HasSubstr("users:1: there is a control character"));
}

TEST(password_file, those_who_have_changed) {
  const auto before = parse_password_file("a:" + hash_a + "\nb:" + hash_a + "\nc:" + hash_a).file;
  const auto next = parse_password_file("# new\nc:" + hash_b + "\nd:" + hash_a + "\na:" + hash_a).file;
  EXPECT_THAT(changed_users(before, next), ElementsAre("b", "c"));
  EXPECT_THAT(changed_users(before, before), IsEmpty());
}

TEST(user_name, what_no_line_can_say_is_refused) {
  for (const auto* name : {"", "a:b", "#a", " a", "a ", "a\nb", "a\tb", "\x7f", "\xff", "\xc2\x85"}) {
    EXPECT_NE("", explain_user_name(name)) << name;
  }
  EXPECT_NE("", explain_user_name(std::string_view("a\0", 2)));
  EXPECT_NE("", explain_user_name(std::string(65'536, 'a')));
  for (const auto* name : {"a", "a b", "$a", "a#", "+", "\xc3\xa4", "-a", "'"}) {
    EXPECT_EQ("", explain_user_name(name)) << name;
    EXPECT_EQ("", errors_of(std::string(name) + ":" + hash_a)) << name;
  }
}

TEST(password_edit, a_user_is_added_at_the_end) {
  const auto hash = *parse_password_hash(hash_a);
  EXPECT_EQ("a:" + hash_a + "\n", with_user("", "a", hash));
  EXPECT_EQ("# x\nb:plain\na:" + hash_a + "\n", with_user("# x\nb:plain", "a", hash));
  EXPECT_EQ("#a:x\na:" + hash_a + "\n", with_user("#a:x\n", "a", hash));
}

TEST(password_edit, other_lines_stay_as_they_are) {
  const auto hash = *parse_password_hash(hash_a);
  const std::string text = "\xef\xbb\xbf# x\r\n\n b : y \r\nnonsense\n a :secret\r\na:again\nc:z";
  EXPECT_EQ("\xef\xbb\xbf# x\r\n\n b : y \r\nnonsense\na:" + hash_a + "\r\nc:z", with_user(text, "a", hash));
  EXPECT_EQ("\xef\xbb\xbf# x\r\n\n b : y \r\nnonsense\nc:z", without_user(text, "a"));
  EXPECT_EQ(std::nullopt, without_user(text, "nonsense"));
  EXPECT_TRUE(has_user(text, "b"));
  EXPECT_FALSE(has_user(text, "# x"));
}

TEST(password_file, property_a_badly_edited_file_is_refused_at_a_line_or_read) {
  const auto good = "# users\nalice:" + hash_a + "\n\nbob b:" + hash_b + "\ncarol:" + hash_a + "\n";
  tests::for_each_seed([&](tests::dice& dice) {
    for (int round = 0; round < 1'000; ++round) {
      const auto text = tests::mutated(good, dice);
      const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
      const auto parsed = parse_password_file(text);
      for (const auto& error : parsed.errors) {
        ASSERT_GE(error.line, 1U);
        ASSERT_LE(error.line, lines);
        ASSERT_FALSE(error.sentence.empty());
        ASSERT_EQ(std::string::npos, error.sentence.find('\n'));
      }
      ASSERT_TRUE(parsed.file.users.size() <= 3 || parsed.file.users.size() < lines);
      // What can be read stays so when somebody is added and taken out.
      const auto more = with_user(text, "zoe", *parse_password_hash(hash_b));
      ASSERT_EQ(parsed.errors.size(), parse_password_file(more).errors.size()) << text;
      ASSERT_TRUE(parse_password_file(more).file.users.contains("zoe"));
      ASSERT_EQ(parsed.file.users, parse_password_file(*without_user(more, "zoe")).file.users);
    }
  });
}

}  // namespace
}  // namespace headgate::proxy::auth
