#include "loadtest/run/addresses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "loadtest/run/clocks.hpp"
#include "net/poller.hpp"

namespace headgate::loadtest::run {
namespace {

constexpr std::uint64_t long_ns = 10'000'000'000;

TEST(addresses, clients_go_to_the_targets_in_turn_and_to_the_next_one_after_a_failure) {
  addresses known({{"127.0.0.1", 1}, {"127.0.0.2", 2}});
  EXPECT_EQ(known.find(0, 0, 0).address, "127.0.0.1");
  EXPECT_EQ(known.find(1, 0, 0).address, "127.0.0.2");
  EXPECT_EQ(known.find(1, 0, 0).port, 2);
  EXPECT_EQ(known.find(1, 1, 0).address, "127.0.0.1");
}

TEST(addresses, a_name_is_looked_up_again_when_a_second_has_passed) {
  addresses known({{"localhost", 1}});
  const std::uint64_t now = now_ns();
  EXPECT_THAT(known.find(7, 0, now).address, testing::AnyOf("127.0.0.1", "::1"));
  const std::uint64_t later = now + 2 * core::second_ns;
  EXPECT_EQ(known.find(7, 0, later).address, "");
  EXPECT_EQ(known.find(8, 0, later).address, "");
  net::poller poller;
  poller.add(known.fd(), 0);
  poller.wait_ns(long_ns);
  EXPECT_THAT(known.take(later), testing::ElementsAre(7, 8));
  EXPECT_NE(known.find(7, 0, later).address, "");
}

TEST(addresses, a_name_that_nobody_knows_is_told_at_the_start) {
  EXPECT_THROW(addresses({{"no-such-name.invalid", 1}}), std::runtime_error);
}

}  // namespace
}  // namespace headgate::loadtest::run
