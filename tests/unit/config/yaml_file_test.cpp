#include "config/yaml_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace headgate::config {
namespace {

using ::testing::HasSubstr;

struct outcome {
  config::settings settings;
  config::origins origins;
  std::string errors;
};

outcome read(const std::string& text) {
  outcome outcome;
  problems problems;
  read_yaml(outcome.settings, text, "h.yaml", outcome.origins, problems);
  outcome.errors = problems.text();
  return outcome;
}

TEST(yaml_file, keys_are_set_and_their_lines_known) {
  const auto outcome = read(
      "# a comment\n"
      "workers: 3\n"
      "listeners:\n"
      "  tcp: { bind: '::1', port: 1884 }\n"
      "  lan:\n"
      "    anonymous: \"allow\"   # anybody\n"
      "limits:\n"
      "  max_packet_bytes: 2MiB\n"
      "data_dir: /var/lib/head gate\n");
  EXPECT_EQ(outcome.errors, "");
  EXPECT_EQ(outcome.settings.workers, 3);
  ASSERT_EQ(outcome.settings.listeners.size(), 2);
  EXPECT_EQ(outcome.settings.listeners[0].bind, "::1");
  EXPECT_EQ(outcome.settings.listeners[0].port, 1884);
  EXPECT_EQ(outcome.settings.listeners[1].name, "lan");
  EXPECT_EQ(outcome.settings.listeners[1].anonymous, anonymous::allow);
  EXPECT_EQ(outcome.settings.limits.max_packet_bytes, 2U << 20);
  EXPECT_EQ(outcome.settings.data_dir, "/var/lib/head gate");
  EXPECT_EQ(outcome.origins, (origins{{"workers", "h.yaml:2"},
                                      {"listeners.tcp.bind", "h.yaml:4"},
                                      {"listeners.tcp.port", "h.yaml:4"},
                                      {"listeners.lan.anonymous", "h.yaml:6"},
                                      {"limits.max_packet_bytes", "h.yaml:8"},
                                      {"data_dir", "h.yaml:9"}}));
}

TEST(yaml_file, quotes_and_line_ends_are_those_of_yaml) {
  for (const auto* text :
       {"data_dir: a'b \"c\r\nworkers: 7\r\n", "data_dir: 'a''b \"c'\nworkers: 7\n",
        "\xef\xbb\xbf\"data_dir\": \"a'b \\\"c\"\nworkers: 7", "{data_dir: \"a'b \\x22c\", workers: \"7\"}"}) {
    const auto outcome = read(text);
    EXPECT_EQ(outcome.errors, "") << text;
    EXPECT_EQ(outcome.settings.data_dir, "a'b \"c") << text;
    EXPECT_EQ(outcome.settings.workers, 7) << text;
  }
}

TEST(yaml_file, what_is_empty_sets_nothing) {
  for (const auto* text : {"", "\n", "# nothing\n", "---\n", "--- ~\n", "{}", "limits:\n",
                           "limits: {}\nlisteners:\nadmin: ~\n", "\xef\xbb\xbf# with a mark of its encoding\n"}) {
    const auto outcome = read(text);
    EXPECT_EQ(outcome.errors, "") << text;
    EXPECT_TRUE(outcome.origins.empty()) << text;
    EXPECT_TRUE(outcome.settings.listeners_are_default) << text;
  }
}

TEST(yaml_file, a_name_alone_is_enough) {
  for (const auto* text : {"listeners:\n  lan:\n", "listeners: { lan: {} }", "listeners:\n  lan: ~"}) {
    const auto outcome = read(text);
    EXPECT_EQ(outcome.errors, "") << text;
    ASSERT_EQ(outcome.settings.listeners.size(), 1) << text;
    EXPECT_EQ(outcome.settings.listeners[0].name, "lan") << text;
  }
}

TEST(yaml_file, each_error_is_a_sentence_with_file_line_and_key) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\nworker: 3\n", "h.yaml:2: unknown key 'worker': did you mean 'workers'?"},
      {"listener:\n  tcp: {}\n", "h.yaml:1: unknown section 'listener': did you mean 'listeners'?"},
      {"listener:\n", "h.yaml:1: unknown section 'listener': did you mean 'listeners'?"},
      {"limits:\n  max_client: 3\n", "h.yaml:2: unknown key 'limits.max_client': did you mean 'limits.max_clients'?"},
      {"limits:\n  max_client: {}\n", "h.yaml:2: unknown key 'limits.max_client': did you mean 'limits.max_clients'?"},
      {"limits:\n  max_client:\n", "h.yaml:2: unknown key 'limits.max_client': did you mean 'limits.max_clients'?"},
      {"listeners:\n  lan:\n    prot: 3\n",
       "h.yaml:3: unknown key 'listeners.lan.prot': did you mean 'listeners.lan.port'?"},
      {"port: 1883\n", "h.yaml:1: unknown key 'port': did you mean 'listeners.tcp.port'?"},
      {"limits.max_clients: 3\n",
       "h.yaml:1: 'limits.max_clients' is written as on the command line: in a file 'limits:' stands alone, and the "
       "rest "
       "below it, indented"},
      {"workers: [1]\n", "h.yaml:1: workers takes a whole number from 0 to 64, not a list"},
      {"workers: {a: 1}\n", "h.yaml:1: workers takes a whole number from 0 to 64, not keys below it"},
      {"workers:\n", "h.yaml:1: workers has no value: it takes a whole number from 0 to 64"},
      {"workers: ~\n", "h.yaml:1: workers has no value: it takes a whole number from 0 to 64"},
      {"workers: ''\n", "h.yaml:1: '' is no value for workers: it takes a whole number from 0 to 64"},
      {"workers: many\n", "h.yaml:1: 'many' is no value for workers: it takes a whole number from 0 to 64"},
      {"workers: 65\n", "h.yaml:1: '65' is no value for workers: it takes a whole number from 0 to 64"},
      {"workers: 0x10\n", "h.yaml:1: '0x10' is no value for workers: it takes a whole number from 0 to 64"},
      {"admin:\n  enabled: yes\n", "h.yaml:2: 'yes' is no value for admin.enabled: it takes true or false"},
      {"limits: 5\n", "h.yaml:1: limits takes keys below it, such as limits.max_clients, and not the value '5'"},
      {"limits:\n  - max_clients: 5\n",
       "h.yaml:1: limits takes keys below it, such as limits.max_clients, and not a list"},
      {"listeners:\n- tcp\n", "h.yaml:1: listeners takes keys below it, such as listeners.tcp.bind, and not a list"},
      {"listeners:\n  lan: 1883\n",
       "h.yaml:2: listeners.lan takes keys below it, such as listeners.lan.bind, and not the value '1883'"},
      {"listeners:\n  a b:\n",
       "h.yaml:2: 'a b' below listeners is no name: a listener's name is of 1 to 32 letters, digits, '-' and '_'"},
      {"workers: 1\nworkers: 1\n", "h.yaml:2: 'workers' is there twice: line 1 has it as well"},
      {"limits:\n  max_clients: 1\nlimits:\n  max_inflight: 1\n",
       "h.yaml:3: 'limits' is there twice: line 1 has it as well"},
      {"listeners:\n  a: {}\n  a: {}\n", "h.yaml:3: 'listeners.a' is there twice: line 2 has it as well"},
      {"workers\n", "h.yaml:1: keys are wanted here, such as 'workers: 2', not 'workers'"},
      {"- workers: 2\n", "h.yaml:1: keys are wanted here, such as 'workers: 2', not a list"},
      {"? [a]\n: 1\n", "h.yaml:1: a key is a word, not a list"},
      {"{ {a: b}: 1 }\n", "h.yaml:1: a key is a word, not other keys in braces"},
      {"~: 1\n", "h.yaml:1: a key is missing before ':'"},
      {"workers: &a 1\n", "h.yaml:1: anchors (&NAME) are not taken: write the value where it is wanted"},
      {"workers: !!int 1\n", "h.yaml:1: tags ('tag:yaml.org,2002:int') are not taken: write the value alone"},
      {"<<: {workers: 1}\n", "h.yaml:1: merge keys (<<) are not taken: write the values where they are wanted"},
      {"workers: 1\n---\nworkers: 2\n", "h.yaml:2: a second document begins here: all keys belong into one"},
      {"limits:\n\tmax_clients: 2\n", "h.yaml:2: a tab stands before 'max_clients: 2': indent with spaces"},
      {"limits: }\n", "h.yaml:1: this is not YAML: illegal flow end (at column 9)"},
      {"data_dir: 'x\nworkers: 3\n", "h.yaml:1: the closing ' is missing on this line"},
      {"data_dir: \"x\\\"\nworkers: 3\n\"", "h.yaml:1: the closing \" is missing on this line"},
      {"data_dir: 'x''\nworkers: 3\n'", "h.yaml:1: the closing ' is missing on this line"},
      {"data_dir: x\n  workers\n",
       "h.yaml:1: 'x workers' stands on several lines: is one indented too far, or without its ':'?"},
      {"workers: 1\n limits: {}\n",
       "h.yaml:1: '1 limits' stands on several lines: is one indented too far, or without its ':'?\n"
       "h.yaml:2: this is not YAML: illegal map value (at column 8)"},
      {"data_dir: |\n  x\n", "h.yaml:1: texts of several lines (| and >) are not taken"},
      {"%workers 3\n---\n", "h.yaml:1: lines that begin with % are not taken"},
      {"workers: 1\n%workers: 3\n", "h.yaml:2: lines that begin with % are not taken"},
      {"workers: 1\rworkers: 2\n", "h.yaml:1: this is no text in UTF-8: the byte 0x0d cannot stand there"},
      {"workers: \xff\n", "h.yaml:1: this is no text in UTF-8: the byte 0xff cannot stand there"},
      {std::string("workers: 1\n\0", 12), "h.yaml:2: this is no text in UTF-8: the byte 0x00 cannot stand there"},
  };
  for (const auto& [text, sentence] : cases) {
    EXPECT_EQ(read(text).errors, sentence) << text;
  }
}

TEST(yaml_file, an_alias_is_refused_where_it_stands) {
  EXPECT_THAT(read("workers: &a 1\nrouting:\n  key_levels: *a\n").errors,
              HasSubstr("h.yaml:3: aliases (*NAME) are not"));
  EXPECT_THAT(read("workers: &workers 1\n*workers : 2\n").errors, HasSubstr("h.yaml:2: aliases (*NAME) are not"));
}

TEST(yaml_file, all_problems_are_told_and_the_good_keys_count) {
  const auto outcome =
      read("worker: 1\nworkers: 2\nlimits:\n  max_clients: x\n  max_inflight: 7\nfoo: {bar: [1]}\nrouting: 5\n");
  EXPECT_EQ(outcome.errors,
            "h.yaml:1: unknown key 'worker': did you mean 'workers'?\n"
            "h.yaml:4: 'x' is no value for limits.max_clients: it takes a whole number from 0 to 4294967295\n"
            "h.yaml:6: unknown section 'foo': did you mean 'log'?\n"
            "h.yaml:7: routing takes keys below it, such as routing.key_levels, and not the value '5'");
  EXPECT_EQ(outcome.settings.workers, 2);
  EXPECT_EQ(outcome.settings.limits.max_inflight, 7);
}

TEST(yaml_file, no_more_than_twenty_problems_are_told) {
  std::string text;
  for (int n = 0; n < 100; ++n) text += "key" + std::to_string(n) + ": 1\n";
  const auto errors = read(text).errors;
  EXPECT_EQ(std::ranges::count(errors, '\n'), 19);
  EXPECT_THAT(errors, HasSubstr("h.yaml:20: unknown key 'key19'"));
}

TEST(yaml_file, too_many_listeners_are_told_at_the_first_of_them) {
  std::string text = "listeners:\n";
  for (int n = 0; n < 65; ++n) text += "  l" + std::to_string(n) + ":\n";
  EXPECT_EQ(read(text).errors, "h.yaml:66: 'l64' below listeners is one listener too many: there can be 64 at most");
}

// What makes parsers slow, or deep, or large: each ends at once with a sentence.
TEST(yaml_file, bombs_do_not_go_off) {
  std::string laughs = "a: &a [x, x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    laughs += std::string(1, c) + ": &" + c + " [*" + before + ", *" + before + "]\n";
  }
  std::string deep;
  for (int n = 0; n < 1000; ++n) deep += std::string(static_cast<std::size_t>(n), ' ') + "a:\n";
  std::string nested(500'000, '-');
  for (std::size_t n = 1; n < nested.size(); n += 2) nested[n] = ' ';
  const std::string many_names = [] {
    std::string text = "listeners:\n";
    for (int n = 0; n < 100'000; ++n) text += " " + std::to_string(n) + ":\n";
    return text;
  }();
  for (const auto& text :
       {laughs, deep, nested, many_names, std::string(max_file_bytes, '['), std::string(max_file_bytes, '{'),
        std::string(max_file_bytes, 'a') + ": 1", "workers: " + std::string(max_file_bytes, '1'),
        std::string(max_file_bytes, '?'), std::string(max_file_bytes, '&'), std::string(max_file_bytes, '!'),
        "a: " + std::string(max_file_bytes, '"'), std::string(max_file_bytes, '%')}) {
    const auto errors = read(text).errors;
    EXPECT_THAT(errors, HasSubstr("h.yaml")) << text.substr(0, 40);
    EXPECT_LT(errors.size(), 10'000) << text.substr(0, 40);
  }
}

TEST(yaml_file, a_file_that_cannot_be_read_is_told_why) {
  const auto error_of = [](const std::string& path) -> std::string {
    try {
      (void)read_whole_file(path);
    } catch (const settings_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(error_of("/nowhere/h.yaml"), "cannot read the configuration '/nowhere/h.yaml': No such file or directory");
  EXPECT_EQ(error_of("/"), "cannot read the configuration '/': Is a directory");
  EXPECT_EQ(error_of("/dev/zero"),
            "cannot read the configuration '/dev/zero': it is larger than 1MiB, so it is probably another file");
  EXPECT_EQ(error_of("/dev/null"), "");
}

}  // namespace
}  // namespace headgate::config
