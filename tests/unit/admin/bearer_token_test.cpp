#include "admin/bearer_token.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace headgate::admin {
namespace {

TEST(bearer_token, admits_everybody_until_it_is_set) {
  bearer_token token;
  EXPECT_FALSE(token.is_needed());
  EXPECT_TRUE(token.admits(std::nullopt));
  EXPECT_TRUE(token.admits("Bearer anything"));
  token.set("0123456789abcdef");
  EXPECT_TRUE(token.is_needed());
  EXPECT_FALSE(token.admits(std::nullopt));
  token.set("");
  EXPECT_TRUE(token.admits(std::nullopt));
}

TEST(bearer_token, admits_who_has_it_and_nobody_else) {
  bearer_token token;
  token.set("0123456789abcdef");
  for (const std::string good :
       {"Bearer 0123456789abcdef", "bearer 0123456789abcdef", "BEARER   0123456789abcdef", "Bearer 0123456789abcdef "})
    EXPECT_TRUE(token.admits(good)) << good;
  for (const std::string bad :
       {"", "Bearer", "Bearer ", "0123456789abcdef", "Basic 0123456789abcdef", "Bearer0123456789abcdef",
        "Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "Bearer 0123456789abcdeF", "Bearer x123456789abcdef",
        "Bearer 0123456789abcdef0123456789abcdef", "Bearer 0123456789abcdef, x", "Bearer  "})
    EXPECT_FALSE(token.admits(bad)) << bad;
}

TEST(bearer_token, is_exchanged) {
  bearer_token token;
  token.set("0123456789abcdef");
  std::thread other([&] { token.set("another-token-of-24-let"); });
  (void)token.admits("Bearer 0123456789abcdef");
  other.join();
  EXPECT_FALSE(token.admits("Bearer 0123456789abcdef"));
  EXPECT_TRUE(token.admits("Bearer another-token-of-24-let"));
}

}  // namespace
}  // namespace headgate::admin
