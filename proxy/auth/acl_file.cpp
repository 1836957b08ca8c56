#include "proxy/auth/acl_file.hpp"

#include <algorithm>
#include <optional>

#include "mqtt/topic.hpp"
#include "proxy/auth/file_lines.hpp"

namespace headgate::proxy::auth {

namespace {

std::optional<acl_rule::access> access_of(std::string_view word) {
  if (word == "read") return acl_rule::access::read;
  if (word == "write") return acl_rule::access::write;
  if (word == "readwrite") return acl_rule::access::readwrite;
  if (word == "deny") return acl_rule::access::deny;
  return std::nullopt;
}

// Goes through the lines; what a rule belongs to is the user named last.
class acl_reader {
 public:
  explicit acl_reader(acl& rules) : rules_(rules), own_(&rules.anonymous) {}

  // What is wrong with a line, or nothing.
  std::string take(std::string_view line) {
    if (const auto problem = explain_bytes(line); !problem.empty()) return std::string(problem);
    const auto [word, rest] = split_word(trimmed(line));
    if (word == "user") return begin_user(rest);
    if (word == "topic") return add_rule("topic", rest, *own_);
    if (word == "pattern") return add_rule("pattern", rest, rules_.patterns);
    return quoted(word) + " begins no rule: a line is 'user NAME', 'topic [read|write|readwrite|deny] FILTER', " +
           "'pattern …' like topic, or a comment after '#'";
  }

 private:
  std::string begin_user(std::string_view name) {
    if (name.empty()) return "the name of the user is missing: write 'user NAME'";
    own_ = &rules_.users[std::string(name)];
    return {};
  }

  static std::string add_rule(const std::string& kind, std::string_view words, std::vector<acl_rule>& rules) {
    const auto [first, rest] = split_word(words);
    auto access = access_of(first);
    const auto filter = rest.empty() ? first : rest;
    if (first.empty()) return "the topic is missing: write '" + kind + " [read|write|readwrite|deny] FILTER'";
    if (access && rest.empty()) {
      return "the topic is missing behind " + quoted(first) + "; one that is called so is written '" + kind +
             " readwrite " + std::string(first) + "'";
    }
    if (!access && !rest.empty()) {
      return quoted(first) + " is none of read, write, readwrite and deny, one of which has to stand before a topic " +
             "with spaces";
    }
    if (!mqtt::is_valid_topic_filter(filter)) {
      return quoted(filter) + " is no topic filter: '+' stands for a whole level, '#' for all levels at the end, and " +
             "there are 200 levels at most";
    }
    rules.push_back(make_rule(access.value_or(acl_rule::access::readwrite), filter));
    return {};
  }

  acl& rules_;
  std::vector<acl_rule>* own_;
};

void put_denied_first(std::vector<acl_rule>& rules) {
  std::stable_partition(rules.begin(), rules.end(),
                        [](const acl_rule& rule) { return rule.what == acl_rule::access::deny; });
}

}  // namespace

parsed_acl_file parse_acl_file(std::string_view text) {
  parsed_acl_file parsed;
  acl_reader reader(parsed.rules);
  file_lines lines(text);
  while (const auto line = lines.next()) {
    if (line->says_nothing) continue;
    auto problem = reader.take(line->text);
    if (!problem.empty()) parsed.errors.push_back({line->number, std::move(problem)});
  }
  put_denied_first(parsed.rules.anonymous);
  for (auto& [name, rules] : parsed.rules.users) put_denied_first(rules);
  put_denied_first(parsed.rules.patterns);
  return parsed;
}

}  // namespace headgate::proxy::auth
