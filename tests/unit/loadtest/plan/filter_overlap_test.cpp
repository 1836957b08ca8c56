#include "loadtest/plan/filter_overlap.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <variant>
#include <vector>

#include "mqtt/topic.hpp"
#include "tests/unit/property.hpp"

namespace headgate::loadtest::plan {
namespace {

core::text_template parsed(const std::string& text) {
  return std::get<core::text_template>(core::text_template::parse(text));
}

bool overlap(const std::string& a, const std::string& b) {
  const bool found = may_overlap(parsed(a), parsed(b));
  EXPECT_EQ(found, may_overlap(parsed(b), parsed(a))) << a << " " << b;
  return found;
}

TEST(filter_overlap, numbers_of_places_are_thought_of) {
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{{"a/%c", "a/%c"},
                                                                             {"a/%c", "a/7"},
                                                                             {"a/%c", "a/+"},
                                                                             {"a/%c/x", "a/#"},
                                                                             {"a/%c/%n", "a/%n/%c"},
                                                                             {"a/%n", "a/%n"},
                                                                             {"a/x%c", "a/x1"},
                                                                             {"a/%c-%n", "a/%n-1"},
                                                                             {"a%%/%c", "a%%/%c"}})
    EXPECT_TRUE(overlap(a, b)) << a << " " << b;
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{{"a/%c", "b/%c"},
                                                                             {"a/%c", "a/%c/b"},
                                                                             {"a/%c-t%n", "a/%c-u%n"},
                                                                             {"a/%n/t", "a/%n/u"},
                                                                             {"a/%c", "a/x"},
                                                                             {"a/%c", "a/%cx"},
                                                                             {"a/dev%c", "a/car%c"},
                                                                             {"+/%c", "$SYS/%c"}})
    EXPECT_FALSE(overlap(a, b)) << a << " " << b;
}

// Whatever two filters both match shows that they overlap; and if no topic of many is matched by both, they do not.
TEST(filter_overlap, agrees_with_matching_where_there_are_no_places) {
  const std::vector<std::string> words = {"a", "b", ""};
  std::vector<std::string> topics;
  for (const auto& one : words) {
    // The empty one as well, though nobody can publish to it: it is what "+" and "/#" have in common.
    topics.push_back(one);
    for (const auto& two : words) {
      topics.push_back(one + "/" + two);
      for (const auto& three : words) {
        topics.push_back(one + "/" + two + "/" + three);
        for (const auto& four : words) topics.push_back(one + "/" + two + "/" + three + "/" + four);
      }
    }
  }
  tests::for_each_seed([&](tests::dice& dice) {
    const auto filter = [&] {
      std::string text;
      for (auto levels = 1 + dice.below(3); levels > 0; --levels) {
        const auto pick = dice.below(5);
        if (pick == 4) return text + "#";
        text += (pick == 3 ? "+" : words[pick]) + std::string(levels > 1 ? "/" : "");
      }
      return text.empty() ? std::string("+") : text;
    };
    for (int n = 0; n < 500; ++n) {
      const auto a = filter();
      const auto b = filter();
      bool both = false;
      for (const auto& topic : topics) both = both || (mqtt::matches(a, topic) && mqtt::matches(b, topic));
      EXPECT_EQ(overlap(a, b), both) << a << " " << b;
    }
  });
}

TEST(filter_overlap, of_one_client_and_numbers_it_never_says_no_wrongly) {
  tests::for_each_seed([](tests::dice& dice) {
    static const std::vector<std::string> pieces = {"%c", "%n", "1", "0", "x", "%2c", "/", "/"};
    const auto filter = [&] {
      std::string text = "t";
      for (auto count = 1 + dice.below(5); count > 0; --count) text += pieces[dice.below(pieces.size())];
      return text;
    };
    for (int n = 0; n < 200; ++n) {
      const auto a = parsed(filter());
      const auto b = parsed(filter());
      bool same = false;
      for (std::uint64_t client : {0, 1, 10, 11}) {
        for (std::uint64_t one = 0; one < 12; ++one) {
          for (std::uint64_t two = 0; two < 12; ++two)
            same = same || a.expanded(client, one) == b.expanded(client, two);
        }
      }
      EXPECT_TRUE(!same || may_overlap(a, b)) << a.text() << " " << b.text();
    }
  });
}

TEST(filter_overlap, a_filter_over_a_topic_has_plus_for_each_level_with_a_place) {
  EXPECT_EQ(filter_over(parsed("loadtest/%c")), "loadtest/+");
  EXPECT_EQ(filter_over(parsed("/a/x%c-%n/b/")), "/a/+/b/");
  EXPECT_EQ(filter_over(parsed("a%%/%8n")), "a%%/+");
  EXPECT_EQ(filter_over(parsed("%c")), "+");
}

}  // namespace
}  // namespace headgate::loadtest::plan
