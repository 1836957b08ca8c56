#include "loadtest/plan/kind.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::loadtest::plan {
namespace {

using ::testing::Optional;

constexpr std::uint64_t s = core::second_ns;

TEST(kind, durations_have_units_or_are_seconds) {
  const auto kind = durations(0, 1'000 * 3'600 * s);
  EXPECT_THAT(kind.parse("500ms"), Optional(s / 2));
  EXPECT_THAT(kind.parse("10"), Optional(10 * s));
  EXPECT_THAT(kind.parse("10s"), Optional(10 * s));
  EXPECT_THAT(kind.parse("1.5m"), Optional(90 * s));
  EXPECT_THAT(kind.parse("2h"), Optional(7'200 * s));
  EXPECT_THAT(kind.parse("0"), Optional(0U));
  for (const auto* text :
       {"", "s", "-1", "+1", "1 s", "1d", "1e3", "inf", "nan", "1001h", "99999999999999999999h", "0x1"})
    EXPECT_EQ(kind.parse(text), std::nullopt) << text;
  EXPECT_EQ(durations(1'000'000, s).parse("0"), std::nullopt);
  EXPECT_THAT(durations_or_for_ever(0, s).parse("forever"), Optional(core::for_ever));
  EXPECT_THAT(seconds(0, 60).parse("1m"), Optional(60U));
  EXPECT_EQ(seconds(0, 60).parse("500ms"), std::nullopt);
}

TEST(kind, durations_are_shown_as_they_are_taken) {
  const auto kind = durations(0, core::for_ever);
  for (const auto* text : {"0s", "1ms", "1500ms", "7s", "90s", "2m", "3h", "0.5ms"}) {
    const auto value = kind.parse(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(kind.show(*value), text);
  }
}

TEST(kind, decimals_have_digits_and_a_point) {
  const auto kind = decimals(0, 1'000);
  EXPECT_THAT(kind.parse("0.25"), Optional(0.25));
  EXPECT_THAT(kind.parse("1000"), Optional(1'000.0));
  for (const auto* text : {"", ".", "-1", "1e2", "nan", "inf", "1000.1", "1,5", "5k"})
    EXPECT_EQ(kind.parse(text), std::nullopt) << text;
  EXPECT_EQ(kind.accepts, "a number from 0 to 1000");
  EXPECT_THAT(percents().parse("30%"), Optional(0.3));
  EXPECT_EQ(percents().parse("30"), std::nullopt);
  EXPECT_EQ(percents().parse("101%"), std::nullopt);
}

TEST(kind, targets_have_a_host_and_may_have_a_port) {
  const auto read = [](const std::string& text) {
    const auto target = targets().parse(text);
    return target ? target->host + " " + std::to_string(target->port) : "";
  };
  EXPECT_EQ(read("127.0.0.1:1884"), "127.0.0.1 1884");
  EXPECT_EQ(read("mqtt-1.example.net"), "mqtt-1.example.net 0");
  EXPECT_EQ(read("[::1]:1885"), "::1 1885");
  EXPECT_EQ(read("[fe80::1%eth0]"), "fe80::1%eth0 0");
  for (const auto* text : {"", ":1883", "a:", "a:0", "a:65536", "a:b", "a:1:2", "::1", "[::1", "[]:1", "[a]b", "a b",
                           "mqtt://a", "a/b", "[::1]1883"})
    EXPECT_EQ(read(text), "") << text;
  EXPECT_EQ(targets().show({"::1", 1883}), "[::1]:1883");
  EXPECT_EQ(targets().show({"a", 1}), "a:1");
  EXPECT_EQ(targets().show({"a", 0}), "a");
}

TEST(kind, payloads_have_one_size_or_two) {
  const auto read = [](const std::string& text) {
    const auto sizes = sizes_of_payload().parse(text);
    return sizes ? std::to_string(sizes->least) + "-" + std::to_string(sizes->most) : "";
  };
  EXPECT_EQ(read("64"), "64-64");
  EXPECT_EQ(read("64..512"), "64-512");
  EXPECT_EQ(read("1KiB..2KiB"), "1024-2048");
  EXPECT_EQ(read("40"), "40-40");
  for (const auto* text : {"", "39", "64..", "..64", "512..64", "64...512", "1GiB", "64-512"})
    EXPECT_EQ(read(text), "") << text;
}

}  // namespace
}  // namespace headgate::loadtest::plan
