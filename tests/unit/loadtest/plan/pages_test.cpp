#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "loadtest/plan/key_makers.hpp"
#include "loadtest/plan/plan_file.hpp"

namespace headgate::loadtest::plan {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path folder = std::filesystem::path(HEADGATE_SOURCES) / "loadtest";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(pages, plans_md_is_the_reference) {
  EXPECT_EQ(text_of(folder / "PLANS.md"), reference_page());
}

TEST(pages, the_reference_names_every_key_and_its_example_is_a_plan) {
  const auto page = reference_page();
  for (const auto& section : key_sections()) {
    for (const auto& key : section.keys) EXPECT_THAT(page, HasSubstr("| `" + key.name + "` | "));
  }
  const auto begin = page.find("```yaml\n") + 8;
  const auto plan = read_plan(page.substr(begin, page.find("```", begin) - begin), "example", 1);
  EXPECT_EQ(plan.groups.size(), 2U);
}

TEST(pages, defaults_are_taken_as_values) {
  for (const auto& section : key_sections()) {
    for (const auto& key : section.keys) {
      if (key.fallback.empty() || key.fallback.find(' ') != std::string::npos) continue;
      sample values;
      EXPECT_TRUE(key.set(values.at, key.fallback)) << section.path << "." << key.name << " " << key.fallback;
    }
  }
}

TEST(pages, every_example_is_a_good_plan) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "examples")) {
    SCOPED_TRACE(entry.path());
    const auto plan = read_plan(text_of(entry.path()), entry.path(), 1);
    EXPECT_GE(plan.groups.size(), 2U);
    ++count;
  }
  EXPECT_GE(count, 3);
}

}  // namespace
}  // namespace headgate::loadtest::plan
