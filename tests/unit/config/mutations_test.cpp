#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "config/table.hpp"
#include "config/yaml_file.hpp"
#include "tests/unit/property.hpp"

// A file that somebody edited badly gives an error with its place, or is in force as it is written.
namespace headgate::config {
namespace {

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
log: { memory_bytes: 128MiB }
retained: { memory_bytes: 32MiB }
routing:
  key_levels: 2
clusters:
  east:
    weight: 3
    shards: 2
  west: { weight: 1, shards: 4 }
)";

using lines = std::vector<std::string>;

lines split(const std::string& text) {
  std::istringstream stream(text);
  lines lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string join(const lines& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::string mutated_bytes(std::string text, tests::dice& dice) {
  static const std::string_view letters = " \t\n:#-'\"{}[],&*!|>%@`?~0aA_.\\\r";
  for (auto count = 1 + dice.below(3); count > 0; --count) {
    const auto at = dice.below(text.size());
    switch (dice.below(5)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ (1 << dice.below(8)));
        break;
      case 1:
        text[at] = letters[dice.below(letters.size())];
        break;
      case 2:
        text.insert(at, 1, letters[dice.below(letters.size())]);
        break;
      case 3:
        text.erase(at, 1 + dice.below(4));
        break;
      default:
        text[at] = static_cast<char>(dice.below(256));
        break;
    }
  }
  return text;
}

std::string mutated_lines(const std::string& text, tests::dice& dice) {
  auto all = split(text);
  for (auto count = 1 + dice.below(2); count > 0; --count) {
    const auto here = dice.below(all.size());
    const auto there = dice.below(all.size());
    switch (dice.below(6)) {
      case 0:
        all.erase(all.begin() + here);
        break;
      case 1:
        all.insert(all.begin() + there, all[here]);
        break;
      case 2:
        all[here].insert(0, 1 + dice.below(4), ' ');
        break;
      case 3:
        all[here].erase(0, std::min<std::size_t>(all[here].find_first_not_of(' '), 1 + dice.below(4)));
        break;
      case 4:
        std::swap(all[here], all[there]);
        break;
      default:
        all[here] += " " + all[there];
        break;
    }
  }
  return join(all);
}

// Takes the value or the key of one line and gives it to another, or renames a key.
std::string mutated_words(const std::string& text, tests::dice& dice) {
  auto all = split(text);
  auto& here = all[dice.below(all.size())];
  const auto& there = all[dice.below(all.size())];
  const auto colon = here.find(':');
  const auto other = there.find(':');
  if (colon == std::string::npos || other == std::string::npos) return mutated_lines(text, dice);
  static const lines values = {"",     "~",      "null", "-1",  "0",      "65536", "99999999999999999999",
                               "1e3",  "0x10",   "yes",  "[1]", "{a: b}", "'",     "\"",
                               "1KiB", "1.5MiB", "|",    ">",   "*a",     "&a 1",  "!!str 1",
                               "---",  "<<"};
  switch (dice.below(4)) {
    case 0:
      here = here.substr(0, colon) + there.substr(other);
      break;
    case 1:
      here = there.substr(0, other) + here.substr(colon);
      break;
    case 2:
      here = here.substr(0, colon + 1) + " " + values[dice.below(values.size())];
      break;
    default:
      here.insert(dice.below(colon + 1), 1, static_cast<char>('a' + dice.below(26)));
      break;
  }
  return join(all);
}

std::string mutated(tests::dice& dice) {
  const std::string text = rich;
  switch (dice.below(4)) {
    case 0:
      return mutated_bytes(text, dice);
    case 1:
      return mutated_lines(text, dice);
    case 2:
      return mutated_words(text, dice);
    default:
      return dice.one_in(3) ? text.substr(0, dice.below(text.size())) : mutated_bytes(mutated_lines(text, dice), dice);
  }
}

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
  static const std::regex says_nothing(R"(\s*(#.*|---(\s.*)?|\.\.\.\s*|\}?)?)");
  static const std::regex opens_section(R"(\s*['"]?[A-Za-z0-9_-]+['"]?\s*:\s*(\{\s*\}|~|null)?\s*(#.*)?)");
  std::set<std::string> giving;
  for (const auto& [key, origin] : origins) giving.insert(origin.substr(origin.rfind(':') + 1));
  const auto all = split(text);
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (giving.contains(std::to_string(n + 1))) continue;
    // The parser takes a word at the very end for a key without a value.
    const bool is_word = n + 1 == all.size() && std::regex_match(all[n] + ":", opens_section);
    EXPECT_TRUE(std::regex_match(all[n], says_nothing) || std::regex_match(all[n], opens_section) || is_word) << all[n];
  }
}

TEST(mutations, each_gives_an_error_with_its_place_or_is_in_force) {
  tests::dice dice(5);
  int accepted = 0;
  for (int n = 0; n < 2000; ++n) {
    const auto text = mutated(dice);
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
      static const std::regex sentence(R"(h\.yaml:[1-9][0-9]*: [^\n]{15,}|there are more[^\n]*)");
      for (const auto& line : split(problems.text())) EXPECT_TRUE(std::regex_match(line, sentence)) << line;
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
