#include "config/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "config/yaml_file.hpp"

namespace headgate::config {
namespace {

using values = std::map<std::string, std::string>;

values values_of(const settings& settings) {
  values values;
  for (const auto& line : describe(settings)) values[line.key] = line.value;
  return values;
}

TEST(pages, the_example_file_has_every_key_and_gives_the_defaults) {
  settings settings;
  origins origins;
  problems problems;
  read_yaml(settings, example_file(), "example", origins, problems);
  EXPECT_EQ(problems.text(), "");
  EXPECT_EQ(values_of(settings), values_of(config::settings()));
  EXPECT_EQ(origins.size(), values_of(settings).size());
}

TEST(pages, the_reference_names_every_key) {
  const auto page = reference_page();
  for (const auto& line : describe(settings())) {
    auto key = line.key;
    for (const std::string item : {".tcp.", ".main."}) {
      if (const auto at = key.find(item); at != std::string::npos) key.replace(at, item.size(), ".NAME.");
    }
    EXPECT_THAT(page, ::testing::HasSubstr("| `" + key + "` |"));
  }
}

}  // namespace
}  // namespace headgate::config
