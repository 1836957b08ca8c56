#include "proxy/auth/password_hash.hpp"

#include <gtest/gtest.h>

namespace headgate::proxy::auth {
namespace {

// Made with mosquitto_passwd 2.0.11.
constexpr const char* of_alice =
    "$7$101$kmnd5HI6qqit3dC2$"
    "aESZQX/gICxejDbQd29Y4o44si0EO4KYgSSDgpD7JrYqecBtBB68HE9h5bSxDgAoPYzRpv/ijbOXBSZXLfHuYA==";
constexpr const char* of_bob =
    "$7$101$sJXglVXBqZvPIC9p$"
    "k+a5AkUZgprqLgkPgaqWeJ6VjxVtyLMLO8aYe8hWEaXDjEexqA7+qGMYtJQmV2aO6KcWQCKjH8PyK0JgP4fXUQ==";
constexpr const char* of_carol =
    "$7$101$SdFRe9WpcK2LQ6W/$"
    "R0LqjI4Nm+AZ8w4+NevEoE1XQG5cEZo38A/DpyPdQt502JB3jlZpaa/5JSXPzn7sT8UzymhyH/0aCW07vb8YAA==";
// SHA-512 of the password and of the bytes 0 to 11, worked out by other means.
constexpr const char* of_dave =
    "$6$AAECAwQFBgcICQoL$"
    "tNZ8oyc1q2aKBwA6qseySr9+9r/m9X8I5MmY6UO0t7YL1cyyZLbInCJ8szDFrOTF29sjnwquvkDAerLm6G4biQ==";
// PBKDF2 of "password" with the salt "salt" and one iteration.
constexpr const char* of_one_iteration =
    "$7$1$c2FsdA==$"
    "hn9wzxreAs/zdSWZo6U9xK80x6ZpgVrl1RNVThyM8lLALUcKKFoFAbrZmb/pQ8CPBQI119aLHaVeY/c7YKV/zg==";

password_hash parsed(std::string_view text) {
  auto hash = parse_password_hash(text);
  EXPECT_TRUE(hash) << text;
  return hash ? *hash : password_hash{};
}

hash_errc error_of(std::string_view text) {
  const auto hash = parse_password_hash(text);
  EXPECT_FALSE(hash) << text;
  return hash.error();
}

TEST(password_hash, those_of_others_are_understood) {
  EXPECT_TRUE(is_password_of(parsed(of_alice), "wonder land"));
  EXPECT_TRUE(is_password_of(parsed(of_bob), "p\xc3\xa4ssword"));
  EXPECT_TRUE(is_password_of(parsed(of_carol), "p:$#\""));
  EXPECT_TRUE(is_password_of(parsed(of_dave), "old secret"));
  EXPECT_TRUE(is_password_of(parsed(of_one_iteration), "password"));
}

TEST(password_hash, another_password_is_wrong) {
  for (const auto* text : {of_alice, of_bob, of_carol, of_dave, of_one_iteration}) {
    for (const auto* password : {"", "wonder lan", "wonder land ", "Wonder land", "old secre", "Password"}) {
      EXPECT_FALSE(is_password_of(parsed(text), password));
    }
  }
  EXPECT_FALSE(is_password_of(parsed(of_dave), std::string_view("old secret\0", 11)));
  EXPECT_FALSE(is_password_of(password_hash{}, ""));
}

TEST(password_hash, is_written_as_it_was_read) {
  for (const auto* text : {of_alice, of_bob, of_carol, of_dave, of_one_iteration}) {
    EXPECT_EQ(text, to_text(parsed(text)));
  }
}

TEST(password_hash, a_new_one_has_a_salt_of_its_own) {
  const auto one = make_password_hash("secret");
  const auto other = make_password_hash("secret");
  EXPECT_EQ(default_iterations, one.iterations);
  EXPECT_EQ(12U, one.salt.size());
  EXPECT_NE(one.salt, other.salt);
  EXPECT_NE(one.hash, other.hash);
  EXPECT_TRUE(is_password_of(parsed(to_text(one)), "secret"));
  EXPECT_FALSE(is_password_of(one, "Secret"));
  EXPECT_TRUE(is_password_of(make_password_hash("s", 7), "s"));
}

TEST(password_hash, what_is_none_is_refused) {
  const std::string salt = "AAECAwQFBgcICQoL";
  const std::string hash = std::string(of_dave).substr(20);
  EXPECT_EQ(hash_errc::unknown_kind, error_of(""));
  EXPECT_EQ(hash_errc::unknown_kind, error_of("secret"));
  EXPECT_EQ(hash_errc::unknown_kind, error_of("$5$" + salt + "$" + hash));
  EXPECT_EQ(hash_errc::unknown_kind, error_of("$argon2id$v=19$m=1,t=1,p=1$" + salt + "$" + hash));
  EXPECT_EQ(hash_errc::fields_missing, error_of("$7$"));
  EXPECT_EQ(hash_errc::fields_missing, error_of("$7$101"));
  EXPECT_EQ(hash_errc::fields_missing, error_of("$7$101$" + salt));
  EXPECT_EQ(hash_errc::fields_missing, error_of("$6$" + salt));
  for (const auto* count : {"", "0", "-1", "1000001", "99999999999", "1x", " 1", "0x10"}) {
    EXPECT_EQ(hash_errc::iterations_invalid, error_of("$7$" + std::string(count) + "$" + salt + "$" + hash)) << count;
  }
  for (const auto& bad : {std::string(), std::string("A"), std::string("AAEC!wQF"), salt + "=", std::string(88, 'A')}) {
    EXPECT_EQ(hash_errc::salt_invalid, error_of("$6$" + bad + "$" + hash)) << bad;
  }
  EXPECT_EQ(hash_errc::hash_invalid, error_of("$6$" + salt + "$"));
  EXPECT_EQ(hash_errc::hash_invalid, error_of("$6$" + salt + "$" + hash + "$"));
  EXPECT_EQ(hash_errc::hash_invalid, error_of("$6$" + salt + "$" + hash.substr(4)));
  EXPECT_EQ(hash_errc::hash_invalid, error_of("$6$" + salt + "$ " + hash.substr(1)));
  auto other_bits = hash;
  other_bits[other_bits.size() - 3] = 'R';  // of which base64 has no use
  EXPECT_EQ(hash_errc::hash_invalid, error_of("$6$" + salt + "$" + other_bits));
  for (const auto error : {hash_errc::unknown_kind, hash_errc::iterations_invalid, hash_errc::salt_invalid,
                           hash_errc::hash_invalid, hash_errc::fields_missing}) {
    EXPECT_FALSE(explain(error).empty());
  }
}

}  // namespace
}  // namespace headgate::proxy::auth
