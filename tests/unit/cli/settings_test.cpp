#include "cli/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace headgate::cli {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& assignment) {
  settings settings;
  try {
    cli::assign(settings, assignment);
  } catch (const settings_error& error) {
    return error.what();
  }
  return "";
}

std::string check_error(const settings& settings) {
  try {
    check(settings);
  } catch (const settings_error& error) {
    return error.what();
  }
  return "";
}

std::map<std::string, std::string> values_of(const settings& settings) {
  std::map<std::string, std::string> values;
  for (const auto& line : describe(settings)) {
    EXPECT_TRUE(values.emplace(line.key, line.value).second) << line.key << " is there twice";
    EXPECT_FALSE(line.help.empty()) << line.key;
  }
  return values;
}

// One value for each key, different from its default. A key that is new has to be added here.
const std::map<std::string, std::string> others = {
    {"listeners.tcp.bind", "::1"},        {"listeners.tcp.port", "0"},           {"listeners.tcp.anonymous", "allow"},
    {"limits.max_clients", "4294967295"}, {"limits.max_packet_bytes", "1024"},   {"limits.max_output_bytes", "4096"},
    {"limits.max_inflight", "32000"},     {"limits.max_subscriptions", "1"},     {"limits.topic_entries", "5000"},
    {"limits.connect_timeout_s", "3600"}, {"log.memory_bytes", "1099511627776"},
};

TEST(settings, every_key_can_be_set_to_its_shown_value) {
  settings settings;
  const auto before = values_of(settings);
  for (const auto& [key, value] : before) cli::assign(settings, key + "=" + value);
  EXPECT_EQ(values_of(settings), before);
}

TEST(settings, every_key_changes_its_own_value_and_no_other) {
  const auto defaults = values_of(settings());
  ASSERT_EQ(defaults.size(), others.size());
  for (const auto& [key, value] : others) {
    settings settings;
    cli::assign(settings, key + "=" + value);
    auto expected = defaults;
    ASSERT_TRUE(expected.contains(key)) << key;
    EXPECT_NE(expected[key], value) << key;
    expected[key] = value;
    EXPECT_EQ(values_of(settings), expected) << key;
  }
}

TEST(settings, defaults_are_a_safe_start) {
  const settings defaults;
  EXPECT_EQ(check_error(defaults), "");
  EXPECT_EQ(values_of(defaults)["listeners.tcp.bind"], "127.0.0.1");
  EXPECT_EQ(values_of(defaults)["listeners.tcp.port"], "1883");
}

TEST(settings, an_unknown_key_names_the_nearest) {
  EXPECT_EQ(error_of("limits.max_client=5"), "unknown key 'limits.max_client': did you mean 'limits.max_clients'?");
  EXPECT_THAT(error_of("listener.tcp.prot=5"), HasSubstr("did you mean 'listeners.tcp.port'?"));
  EXPECT_THAT(error_of("log.memory=5"), HasSubstr("did you mean 'log.memory_bytes'?"));
  EXPECT_THAT(error_of("=5"), HasSubstr("unknown key ''"));
}

TEST(settings, a_bad_value_is_told_what_is_accepted) {
  for (const auto* value : {"", "x", "-1", "+1", " 1", "1 ", "1.5", "0x10", "65536", "18446744073709551616"}) {
    EXPECT_EQ(
        error_of(std::string("listeners.tcp.port=") + value),
        std::string("'") + value + "' is no value for listeners.tcp.port: it takes a whole number from 0 to 65535");
  }
  EXPECT_THAT(error_of("limits.max_inflight=0"), HasSubstr("a whole number from 1 to 32000"));
  EXPECT_THAT(error_of("limits.max_inflight=32001"), HasSubstr("a whole number from 1 to 32000"));
  EXPECT_THAT(error_of("listeners.tcp.bind=localhost"), HasSubstr("an IPv4 or IPv6 address"));
  EXPECT_THAT(error_of("listeners.tcp.anonymous=yes"), HasSubstr("allow or refuse"));
  EXPECT_EQ(error_of("listeners.tcp.port"), "'listeners.tcp.port' is not of the form KEY=VALUE");
}

TEST(settings, a_bad_value_changes_nothing) {
  settings settings;
  const auto before = values_of(settings);
  for (const auto& [key, value] : before) EXPECT_THROW(cli::assign(settings, key + "=?"), settings_error);
  EXPECT_EQ(values_of(settings), before);
}

TEST(settings, an_open_listener_needs_a_word_about_strangers) {
  settings settings;
  for (const auto* address : {"0.0.0.0", "::", "192.0.2.7"}) {
    settings.anonymous_allowed = false;
    cli::assign(settings, std::string("listeners.tcp.bind=") + address);
    EXPECT_THAT(check_error(settings), HasSubstr("listeners.tcp.bind=" + std::string(address)));
    EXPECT_THAT(check_error(settings), HasSubstr("keep 127.0.0.1"));
    EXPECT_THAT(check_error(settings), HasSubstr("--set listeners.tcp.anonymous=allow"));
    cli::assign(settings, "listeners.tcp.anonymous=allow");
    EXPECT_EQ(check_error(settings), "");
  }
  cli::assign(settings, "listeners.tcp.anonymous=refuse");
  for (const auto* address : {"127.0.0.1", "127.9.9.9", "::1"}) {
    cli::assign(settings, std::string("listeners.tcp.bind=") + address);
    EXPECT_EQ(check_error(settings), "") << address;
  }
}

}  // namespace
}  // namespace headgate::cli
