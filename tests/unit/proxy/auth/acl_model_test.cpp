#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "proxy/auth/acl.hpp"
#include "proxy/auth/acl_file.hpp"
#include "proxy/auth/filter_relation.hpp"
#include "tests/unit/property.hpp"

// Rules against a model that is as naive as can be: it goes through the lines of the file, level by level.
namespace headgate::proxy::auth {
namespace {

using gateway::principal;
using gateway::reach;
using tests::dice;
using words = std::vector<std::string>;

words split(const std::string& text) {
  words parts(1);
  for (const char c : text) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool model_matches(const std::string& filter, const std::string& topic) {
  const auto f = split(filter);
  const auto t = split(topic);
  if (topic[0] == '$' && (f[0] == "+" || f[0] == "#")) return false;
  for (std::size_t n = 0; n < f.size(); ++n) {
    if (f[n] == "#") return n <= t.size();
    if (n >= t.size() || (f[n] != "+" && f[n] != t[n])) return false;
  }
  return f.size() == t.size();
}

struct model_line {
  std::string kind;    // topic, pattern
  std::string user{};  // of a topic; empty: anonymous
  std::string access;
  std::string filter;
};

bool has_any(const std::string& text, const char* letters) {
  return text.find_first_of(letters) != std::string::npos;
}

std::optional<std::string> model_filter(const model_line& line, const std::string& id, const std::string& user) {
  if (line.kind == "topic") return line.user == user ? std::optional(line.filter) : std::nullopt;
  if (has_any(id + user, "+#")) return std::nullopt;
  std::string filter;
  for (std::size_t n = 0; n < line.filter.size(); ++n) {
    const bool is_name =
        line.filter[n] == '%' && n + 1 < line.filter.size() && has_any(line.filter.substr(n + 1, 1), "cu");
    if (!is_name) {
      filter += line.filter[n];
      continue;
    }
    const auto& name = line.filter[++n] == 'c' ? id : user;
    if (name.empty()) return std::nullopt;
    if (line.access != "deny" && (has_any(name, "/") || (filter.empty() && name[0] == '$'))) return std::nullopt;
    filter += name;
  }
  return filter;
}

bool model_may(const std::vector<model_line>& lines, const std::string& id, const std::string& user,
               const std::string& topic, const std::string& wanted) {
  for (const std::string kind : {"topic", "pattern"}) {
    bool allowed = false;
    for (const auto& line : lines) {
      if (line.kind != kind) continue;
      const auto filter = model_filter(line, id, user);
      if (!filter || !model_matches(*filter, topic)) continue;
      if (line.access == "deny") return false;
      allowed |= line.access == wanted || line.access == "readwrite";
    }
    if (allowed) return true;
  }
  return false;
}

template <class List>
auto one_of(const List& list, dice& dice) {
  return list[dice.below(list.size())];
}

// Levels of which everything is made, so that rules and topics meet often. Topics of three levels at most: what a
// filter says deeper down, it says there already.
const words level_words = {"a", "b", "", "$a", "longer than eight"};

std::string random_topic(dice& dice) {
  std::string topic;
  for (auto left = 1 + dice.below(3); left > 0; --left) topic += one_of(level_words, dice) + (left > 1 ? "/" : "");
  return topic.empty() ? "a" : topic;
}

std::string random_filter(dice& dice, bool with_names) {
  std::string filter;
  for (auto left = 1 + dice.below(3); left > 0; --left) {
    if (left == 1 && dice.one_in(3)) return filter + "#";
    const auto kind = dice.below(6);
    const std::string level = kind == 0                 ? "+"
                              : kind == 1 && with_names ? "%c"
                              : kind == 2 && with_names ? one_of(words{"%u", "x%c", "%u%c"}, dice)
                                                        : one_of(level_words, dice);
    filter += level + (left > 1 ? "/" : "");
  }
  return filter.empty() ? "+" : filter;
}

struct random_rules {
  std::vector<model_line> lines;
  acl parsed;

  explicit random_rules(dice& dice) {
    std::string text;
    std::string user;
    for (auto count = dice.below(8); count > 0; --count) {
      if (dice.one_in(4)) {
        user = one_of(words{"a", "u v"}, dice);
        text += "user " + user + "\n";
      }
      const auto kind = dice.one_in(3) ? "pattern" : "topic";
      const auto access = one_of(words{"read", "write", "readwrite", "deny"}, dice);
      lines.push_back({kind, user, access, random_filter(dice, *kind == 'p')});
      text += lines.back().kind + " " + access + " " + lines.back().filter + "\n";
    }
    auto file = parse_acl_file(text);
    EXPECT_EQ("", describe("rules", file.errors)) << text;
    parsed = std::move(file.rules);
  }
};

const words client_ids = {"a", "b", "$a", "a/b", "+", "x#"};
const words user_names = {"", "a", "u v", "$a", "b/b"};

TEST(acl_model, property_single_topics) {
  std::uint64_t allowed = 0;
  tests::for_each_seed([&](dice& dice) {
    for (int round = 0; round < 2'000; ++round) {
      const random_rules rules(dice);
      for (int question = 0; question < 20; ++question) {
        const auto id = one_of(client_ids, dice);
        const auto user = one_of(user_names, dice);
        const auto topic = random_topic(dice);
        const bool read = may_read(rules.parsed, {id, user}, topic);
        ASSERT_EQ(model_may(rules.lines, id, user, topic, "read"), read) << id << " " << user << " " << topic;
        ASSERT_EQ(model_may(rules.lines, id, user, topic, "write"), may_write(rules.parsed, {id, user}, topic));
        ASSERT_EQ(read ? reach::all : reach::nothing, may_subscribe(rules.parsed, {id, user}, topic));
        allowed += read ? 1 : 0;
      }
    }
  });
  EXPECT_GT(allowed, 1'000U);
}

// Every topic of up to three levels, of those that rules name and of one that none names.
const std::vector<std::string>& all_topics() {
  static const std::vector<std::string> topics = [] {
    const words levels = {"a", "b", "", "$a", "longer than eight", "xa", "aa", "other"};
    std::vector<std::string> found = levels;
    for (std::size_t at = 0; at < found.size(); ++at) {
      if (split(found[at]).size() == 3) break;
      for (const auto& level : levels) found.push_back(found[at] + "/" + level);
    }
    std::erase(found, "");
    return found;
  }();
  return topics;
}

TEST(acl_model, property_reach_of_filters) {
  std::uint64_t counts[3] = {};
  tests::for_each_seed([&](dice& dice) {
    for (int round = 0; round < 500; ++round) {
      const random_rules rules(dice);
      const auto id = one_of(client_ids, dice);
      const auto user = one_of(user_names, dice);
      const auto filter = random_filter(dice, false);
      const auto said = may_subscribe(rules.parsed, {id, user}, filter);
      ++counts[static_cast<std::size_t>(said)];
      if (said == reach::some) continue;
      for (const auto& topic : all_topics()) {
        if (!model_matches(filter, topic)) continue;
        ASSERT_EQ(said == reach::all, may_read(rules.parsed, {id, user}, topic)) << filter << " " << topic;
      }
    }
  });
  for (const auto count : counts) EXPECT_GT(count, 50U);
}

TEST(acl_model, property_relations_of_filters) {
  std::uint64_t covered = 0;
  tests::for_each_seed([&](dice& dice) {
    for (int round = 0; round < 500; ++round) {
      const auto one = random_filter(dice, false);
      const auto other = random_filter(dice, false);
      bool meets = false;
      bool holds_all = true;
      for (const auto& topic : all_topics()) {
        if (!model_matches(other, topic)) continue;
        const bool in_one = model_matches(one, topic);
        meets |= in_one;
        holds_all &= in_one;
      }
      // Only the empty topic, which is none, is in both "+" and "/#".
      if ((one == "+" && other == "/#") || (one == "/#" && other == "+")) continue;
      ASSERT_EQ(meets, overlaps(one, other)) << one << " " << other;
      ASSERT_EQ(meets, overlaps(other, one)) << one << " " << other;
      // "+/#" holds all of "#"; covers() does not see that, and need not.
      if (one != "+/#") {
        ASSERT_EQ(holds_all, covers(one, other)) << one << " " << other;
      }
      covered += holds_all ? 1 : 0;
    }
  });
  EXPECT_GT(covered, 30U);
}

}  // namespace
}  // namespace headgate::proxy::auth
