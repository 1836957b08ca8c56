#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "config/mosquitto/translate.hpp"
#include "config/settings.hpp"
#include "config/yaml_file.hpp"
#include "examples.hpp"
#include "files.hpp"
#include "tests/unit/property.hpp"

namespace headgate::config::mosquitto {
namespace {

using headgate::tests::dice;

// Lines that files of different users do not hold together, and values at the edges.
constexpr std::array lines = {
    "listener 0",
    "listener 65535 ::",
    "listener 1883 256.0.0.1",
    "listener 99999999999999999999",
    "allow_anonymous true",
    "allow_anonymous false",
    "per_listener_settings true",
    "per_listener_settings false",
    "max_connections 9223372036854775807",
    "global_max_connections -9223372036854775808",
    "message_size_limit 9223372036854775807",
    "max_packet_size 9223372036854775807",
    "include_dir conf.d",
    "connection",
    "connection c",
    "topic \"\" both 2 \"\" \"\"",
    "topic",
    "socket_domain ipv6",
    "password_file it's \"mine\": # \\",
    "password_file other",
    "acl_file {acl}",
    "acl_file -",
    "listener_allow_anonymous true",
    "certfile a, b",
    "certfile 'c",
    "keyfile \\",
    "cafile ca",
    "require_certificate true",
    "use_identity_as_username true",
    "use_subject_as_username true",
    "tls_version tlsv1.3",
    "ciphers A:!B",
    "tls_engine e",
    "listener 1883 #",
};

std::string mutated(dice& dice) {
  auto text = tests::examples[dice.below(tests::examples.size())];
  const auto steps = 1 + dice.below(4);
  for (std::uint32_t step = 0; step < steps; ++step) {
    const auto at = dice.below(text.size() + 1);
    switch (dice.below(6)) {
      case 0:
        text.insert(at, 1, static_cast<char>(dice.below(256)));
        break;
      case 1:
        text.erase(at, 1 + dice.below(20));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << dice.below(8)));
        break;
      case 3:
        text = text.substr(0, at) + "\n" + lines[dice.below(lines.size())] + "\n" + text.substr(at);
        break;
      case 4:
        text += tests::examples[dice.below(tests::examples.size())];
        break;
      case 5:
        text = lines[dice.below(lines.size())] + std::string("\n") + text;
        break;
    }
  }
  return text;
}

bool may_let_anybody_in(const std::vector<option_line>& options) {
  return std::ranges::any_of(options, [](const option_line& line) {
    return line.name.ends_with("allow_anonymous") && first_word(line.value) != "false" && first_word(line.value) != "0";
  });
}

// Whether Headgate starts with it: all keys and values are right, no listener is open by mistake, and none is in the
// way of another or of the admin listener.
settings expect_usable(const std::string& yaml) {
  settings settings;
  origins origins;
  problems problems;
  read_yaml(settings, yaml, "headgate.yaml", origins, problems);
  EXPECT_EQ("", problems.text()) << yaml;
  EXPECT_NO_THROW(check(settings)) << yaml;
  return settings;
}

// Who asked for TLS or certificates has them.
void expect_as_closed(const settings& settings, const std::vector<option_line>& options) {
  const auto is_there = [&](const std::string& name) {
    return std::ranges::any_of(options, [&](const option_line& line) { return line.name == name; });
  };
  for (const auto& listener : settings.listeners) {
    EXPECT_EQ(listener.name.starts_with("tls"), listener.transport == transport::tls);
    const bool is_on_loopback = listener.bind.starts_with("127.") || listener.bind == "::1";
    EXPECT_TRUE(!allows_anonymous(listener, settings.auth) || is_on_loopback || may_let_anybody_in(options));
    const bool by_certificate = listener.user_name == user_name_source::common_name;
    EXPECT_TRUE(!by_certificate || listener.client_certificate == net::client_certificates::required);
    EXPECT_TRUE(listener.client_certificate != net::client_certificates::required || is_there("require_certificate"));
  }
  EXPECT_TRUE(settings.auth.password_file.empty() || is_there("password_file"));
  EXPECT_TRUE(settings.auth.acl_file.empty() || is_there("acl_file"));
}

void expect_a_translation(const std::string& text, tests::made_up_files& files) {
  const auto options = read_options("mosquitto.conf", files);
  const auto translation = translate("mosquitto.conf", files);
  // Every line is answered for.
  for (const auto& line : options) {
    EXPECT_TRUE(std::ranges::any_of(translation.findings, [&](const auto& one) { return one.where == line.where; }))
        << to_string(line.where) << " is not spoken of in\n"
        << text;
  }
  expect_as_closed(expect_usable(translation.yaml), options);
  // It is YAML, with a listener at least.
  const auto yaml = YAML::Load(translation.yaml);
  ASSERT_TRUE(yaml["listeners"].IsMap() && yaml["listeners"].size() > 0) << text;
  EXPECT_FALSE(report("mosquitto.conf", translation).empty());
}

TEST(mutations, give_a_translation_or_a_place) {
  std::size_t translated = 0;
  std::size_t refused = 0;
  headgate::tests::for_each_seed([&](dice& dice) {
    for (int round = 0; round < 700; ++round) {
      const auto text = mutated(dice);
      tests::made_up_files files(text);
      files.files["conf.d/a.conf"] = tests::examples[dice.below(tests::examples.size())];
      try {
        expect_a_translation(text, files);
        ++translated;
      } catch (const import_error& error) {
        EXPECT_THAT(error.what(), ::testing::ContainsRegex("[.]conf:[0-9]+: .")) << text;
        ++refused;
      }
      if (::testing::Test::HasFailure()) return;
    }
  });
  // Both happen often enough to mean something.
  EXPECT_GT(translated, 300U);
  EXPECT_GT(refused, 300U);
}

TEST(mutations, each_example_is_translated) {
  for (const auto& example : tests::examples) {
    SCOPED_TRACE(example);
    tests::made_up_files files(example);
    expect_a_translation(example, files);
  }
}

}  // namespace
}  // namespace headgate::config::mosquitto
