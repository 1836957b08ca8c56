#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/table.hpp"
#include "config/yaml_file.hpp"
#include "tests/unit/property.hpp"
#include "tests/unit/text_mutations.hpp"

// A file that somebody edited badly gives an error with its place, or is in force as it is written.
namespace headgate::config {
namespace {

using ::testing::Matches;
using ::testing::MatchesRegex;

constexpr const char* rich = R"(# A gateway with three listeners
data_dir: "/var/lib/headgate"
workers: 2
listeners:
  tcp:
    bind: 127.0.0.1
    port: 1884      # not the default
  lan:
    bind: 192.0.2.7
    port: 1883
    anonymous: allow
  v6: { bind: '::1', port: 1885, transport: tcp }
  bare:
admin:
  enabled: true
  bind: "::1"
  port: 18084
logging:
  format: json
  level: warning
  client_lines_per_second: 7
sys:
  interval_s: 30
limits:
  max_clients: 5000
  max_packet_bytes: 256KiB
  max_output_bytes: 2MiB
  max_inflight: 100
  max_inflight_in: 200
  topic_aliases: 10
  max_subscriptions: 50
  topic_entries: 100000
  max_stored_sessions: 1000
  connect_timeout_s: 5
log: { memory_bytes: 128MiB, commit: disk, retention_age_s: 86400, segment_bytes: 64MiB }
session_store: { engine: memory }
retained: { memory_bytes: 32MiB }
routing:
  key_levels: 2
clusters:
  east:
    weight: 3
    shards: 2
  west: { weight: 1, shards: 4 }
)";

using values = std::map<std::string, std::string>;

values values_of(const settings& settings) {
  values values;
  for (const auto& line : describe(settings)) values[line.key] = line.value;
  return values;
}

// All values in the text, read by the library's own tree instead of our reader.
void collect(const YAML::Node& node, const std::string& path, values& found) {
  if (node.IsScalar()) found[path] = node.Scalar();
  if (!node.IsMap()) return;
  for (const auto& entry : node) collect(entry.second, (path.empty() ? "" : path + ".") + entry.first.Scalar(), found);
}

// What was taken is what is written, key by key, and nothing else has changed.
void expect_in_force(const std::string& text, const settings& settings) {
  values written;
  collect(YAML::Load(text), "", written);
  auto in_force = values_of(settings);
  for (const auto& [path, value] : written) {
    config::settings alone;
    ASSERT_EQ(apply(alone, path, value), std::nullopt) << path;
    EXPECT_EQ(in_force[path], values_of(alone)[path]) << path;
    in_force.erase(path);
  }
  for (const auto& [path, value] : in_force) {
    const auto place = find_place(path);
    config::settings alone;
    if (place->section->items) place->section->items->add(alone, place->item);
    EXPECT_EQ(value, values_of(alone)[path]) << path << " is not written";
  }
}

// Each line is a comment, gave a key, or is a word with keys below it.
void expect_no_line_lost(const std::string& text, const origins& origins) {
  const auto says_nothing = Matches(MatchesRegex("[ \t]*(#.*|---([ \t].*)?|[.]{3}[ \t]*|[}]?)?"));
  const auto opens_section =
      Matches(MatchesRegex("[ \t]*['\"]?[A-Za-z0-9_-]+['\"]?[ \t]*:[ \t]*([{][ \t]*[}]|~|null)?[ \t]*(#.*)?"));
  std::set<std::string> giving;
  for (const auto& [key, origin] : origins) giving.insert(origin.substr(origin.rfind(':') + 1));
  const auto all = tests::split(text);
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (giving.contains(std::to_string(n + 1))) continue;
    // The parser takes a word at the very end for a key without a value.
    const bool is_word = n + 1 == all.size() && opens_section(all[n] + ":");
    EXPECT_TRUE(says_nothing(all[n]) || opens_section(all[n]) || is_word) << all[n];
  }
}

TEST(mutations, each_gives_an_error_with_its_place_or_is_in_force) {
  tests::dice dice(5);
  int accepted = 0;
  for (int n = 0; n < 2000; ++n) {
    const auto text = tests::mutated(rich, dice);
    SCOPED_TRACE("mutation " + std::to_string(n) + ":\n" + text);
    settings settings;
    origins origins;
    problems problems;
    read_yaml(settings, text, "h.yaml", origins, problems);
    if (problems.empty()) {
      ++accepted;
      expect_in_force(text, settings);
      expect_no_line_lost(text, origins);
    } else {
      for (const auto& line : tests::split(problems.text()))
        EXPECT_THAT(line, MatchesRegex("h[.]yaml:[1-9][0-9]*: .{15,}|there are more.*"));
    }
    if (HasFailure()) break;
  }
  // Of each kind there are enough: harmless edits, such as lines that trade places, and harmful ones.
  EXPECT_GT(accepted, 200);
  EXPECT_LT(accepted, 1000);
}

TEST(mutations, the_original_is_good) {
  settings settings;
  origins origins;
  problems problems;
  read_yaml(settings, rich, "h.yaml", origins, problems);
  EXPECT_EQ(problems.text(), "");
  EXPECT_EQ(settings.listeners.size(), 4);
  expect_in_force(rich, settings);
  expect_no_line_lost(rich, origins);
  check(settings);
}

}  // namespace
}  // namespace headgate::config
