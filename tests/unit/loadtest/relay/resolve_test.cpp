#include "loadtest/relay/resolve.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace headgate::loadtest::relay {
namespace {

TEST(resolve, addresses_and_names) {
  EXPECT_EQ(as_text(resolve("127.0.0.1:1883")), "127.0.0.1:1883");
  EXPECT_EQ(as_text(resolve("[::1]:0")), "[::1]:0");
  EXPECT_EQ(resolve("localhost:65535").port, 65'535);
}

TEST(resolve, what_is_none) {
  for (const auto* bad :
       {"", "127.0.0.1", "127.0.0.1:", ":1883", "127.0.0.1:65536", "127.0.0.1:x", "::1:1883", "[]:1"}) {
    EXPECT_THROW((void)resolve(bad), std::runtime_error) << bad;
  }
}

}  // namespace
}  // namespace headgate::loadtest::relay
