#include "proxy/auth/known_passwords.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/limits.hpp"

namespace headgate::proxy::auth {
namespace {

using base::monotonic_ms;

const password_hash stored{101, "salt", std::string(64, 'h')};
constexpr monotonic_ms start{1'000'000};

monotonic_ms after(std::uint64_t seconds) {
  return monotonic_ms{start.value + seconds * 1000};
}

TEST(known_passwords, says_again_what_was_right_and_what_was_wrong) {
  known_passwords known;
  const auto right = known.digest_of("alice", stored, "secret");
  const auto wrong = known.digest_of("alice", stored, "guess");
  EXPECT_EQ(known.find(right, start), std::nullopt);
  known.remember(right, true, start);
  known.remember(wrong, false, start);
  EXPECT_EQ(known.find(right, start), true);
  EXPECT_EQ(known.find(wrong, start), false);
  EXPECT_EQ(known.find(known.digest_of("alice", stored, "secret"), start), true);
}

TEST(known_passwords, forgets_what_was_wrong_sooner_than_what_was_right) {
  known_passwords known;
  const auto right = known.digest_of("alice", stored, "secret");
  const auto wrong = known.digest_of("alice", stored, "guess");
  known.remember(right, true, start);
  known.remember(wrong, false, start);
  EXPECT_EQ(known.find(wrong, after(base::wrong_password_s - 1)), false);
  EXPECT_EQ(known.find(wrong, after(base::wrong_password_s)), std::nullopt);
  EXPECT_EQ(known.find(right, after(base::right_password_s - 1)), true);
  EXPECT_EQ(known.find(right, after(base::right_password_s)), std::nullopt);
}

TEST(known_passwords, a_digest_is_of_user_stored_hash_and_password_and_of_where_each_ends) {
  known_passwords known;
  auto other_iterations = stored;
  ++other_iterations.iterations;
  auto other_salt = stored;
  other_salt.salt = "Salt";
  auto other_hash = stored;
  other_hash.hash[63] = 'x';
  auto moved_end = stored;
  moved_end.salt += 'h';
  moved_end.hash.erase(0, 1);
  std::set<std::uint64_t> digests;
  for (const auto& hash : {stored, other_iterations, other_salt, other_hash, moved_end}) {
    digests.insert(known.digest_of("alice", hash, "secret").low);
    digests.insert(known.digest_of("alice", hash, "secret").high);
  }
  digests.insert(known.digest_of("bob", stored, "secret").low);
  digests.insert(known.digest_of("alice", stored, "").low);
  digests.insert(known.digest_of("alice", stored, std::string("secret\0", 7)).low);
  digests.insert(known.digest_of("", stored, "alice").low);
  EXPECT_EQ(digests.size(), 14U);
}

TEST(known_passwords, each_has_a_key_of_its_own) {
  known_passwords one;
  known_passwords other;
  EXPECT_NE(one.digest_of("alice", stored, "secret"), other.digest_of("alice", stored, "secret"));
}

TEST(known_passwords, takes_memory_with_the_first_that_it_remembers) {
  known_passwords known;
  const auto digest = known.digest_of("alice", stored, "secret");
  EXPECT_EQ(known.find(digest, start), std::nullopt);
  EXPECT_EQ(known.memory_bytes(), 0U);
  known.remember(digest, true, start);
  EXPECT_EQ(known.memory_bytes(), base::known_passwords * 24);
}

// Digests that all have the same four places.
password_digest crowded(std::uint64_t number) {
  return {7 + number * base::known_passwords, number};
}

TEST(known_passwords, wrong_ones_give_way_to_newer_ones_and_right_ones_only_to_right_ones) {
  known_passwords known;
  for (std::uint64_t n = 0; n < 3; ++n) known.remember(crowded(n), true, start);
  for (std::uint64_t n = 3; n < 100; ++n) known.remember(crowded(n), false, start);
  for (std::uint64_t n = 0; n < 3; ++n) EXPECT_EQ(known.find(crowded(n), start), true);
  EXPECT_EQ(known.find(crowded(99), start), false);
  EXPECT_EQ(known.find(crowded(98), start), std::nullopt);

  known.remember(crowded(100), true, after(1));
  EXPECT_EQ(known.find(crowded(99), after(1)), std::nullopt);
  known.remember(crowded(101), false, after(1));  // no place for it
  EXPECT_EQ(known.find(crowded(101), after(1)), std::nullopt);
  known.remember(crowded(102), true, after(2));  // instead of one of the oldest
  EXPECT_EQ(known.find(crowded(102), after(2)), true);
  EXPECT_EQ(known.find(crowded(100), after(2)), true);

  known.remember(crowded(103), false, after(base::right_password_s));  // where one has run out
  EXPECT_EQ(known.find(crowded(103), after(base::right_password_s)), false);
  EXPECT_EQ(known.find(crowded(102), after(base::right_password_s)), true);
}

TEST(known_passwords, what_is_remembered_again_stands_there_once) {
  known_passwords known;
  for (std::uint64_t n = 0; n < 4; ++n) known.remember(crowded(n), true, start);
  known.remember(crowded(3), false, start);
  EXPECT_EQ(known.find(crowded(3), start), false);
  known.remember(crowded(4), false, start);
  EXPECT_EQ(known.find(crowded(3), start), std::nullopt);
  for (std::uint64_t n = 0; n < 3; ++n) EXPECT_EQ(known.find(crowded(n), start), true);
}

}  // namespace
}  // namespace headgate::proxy::auth
