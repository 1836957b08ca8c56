#include "proxy/auth/acl.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "mqtt/topic.hpp"
#include "proxy/auth/filter_relation.hpp"
#include "proxy/auth/pattern.hpp"
#include "proxy/auth/server_topics.hpp"

namespace headgate::proxy::auth {

namespace {

using access = acl_rule::access;
using gateway::principal;
using gateway::reach;
using rule_list = std::vector<acl_rule>;

constexpr std::size_t word_size = sizeof(std::uint64_t);

// Of a word, its first n bytes in memory.
constexpr auto first_bytes = [] {
  std::array<std::uint64_t, word_size + 1> masks{};
  std::array<std::uint8_t, word_size> bytes{};
  for (std::size_t n = 0; n < word_size; ++n) {
    bytes[n] = 0xff;
    masks[n + 1] = std::bit_cast<std::uint64_t>(bytes);
  }
  return masks;
}();

std::uint64_t load(const char* at, std::size_t size = word_size) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, size);
  return word;
}

// A topic with what tells at once that most rules do not match it.
class asked_topic {
 public:
  explicit asked_topic(std::string_view text)
      : text_(text), first_(load(text.data(), std::min(text.size(), word_size))) {}

  bool may_match(const acl_rule& rule) const {
    const std::size_t size = rule.fixed_bytes;
    if (size > text_.size()) return false;
    if (size < word_size) return (first_ & first_bytes[size]) == rule.last_fixed;
    return load(text_.data() + size - word_size) == rule.last_fixed;
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::uint64_t first_;
};

bool concerns(const acl_rule& rule, access asked) {
  const auto bits = static_cast<std::uint8_t>(asked) | static_cast<std::uint8_t>(access::deny);
  return (static_cast<std::uint8_t>(rule.what) & bits) != 0;
}

bool allows(const acl_rule& rule) {
  return rule.what != access::deny;
}

const rule_list* rules_of(const acl& rules, const principal& who) {
  if (who.user_name.empty()) return &rules.anonymous;
  const auto found = rules.users.find(who.user_name);
  return found == rules.users.end() ? nullptr : &found->second;
}

// What the first rule that matches says: allowed or not. Rules that deny stand first.
std::optional<bool> judge_own(const rule_list& rules, const asked_topic& topic, access asked) {
  for (const auto& rule : rules) {
    if (!topic.may_match(rule) || !concerns(rule, asked)) continue;
    if (mqtt::matches(rule.filter, topic.text())) return allows(rule);
  }
  return std::nullopt;
}

bool judge_patterns(const rule_list& patterns, const principal& who, const asked_topic& topic, access asked) {
  if (patterns.empty() || !is_safe_in_patterns(who)) return false;
  std::string filter;
  for (const auto& rule : patterns) {
    if (!topic.may_match(rule) || !concerns(rule, asked)) continue;
    if (expand(rule.filter, who, allows(rule), filter) && mqtt::matches(filter, topic.text())) return allows(rule);
  }
  return false;
}

bool may(const acl& rules, const principal& who, std::string_view text, access asked) {
  if (text.empty()) return false;
  const asked_topic topic(text);
  const auto* own = rules_of(rules, who);
  if (own != nullptr) {
    if (const auto said = judge_own(*own, topic, asked)) return *said;
  }
  return judge_patterns(rules.patterns, who, topic, asked);
}

// How rules about reading lie to a filter.
struct relation {
  bool denied_wholly = false;  // one rule denies all of it
  bool denied_partly = false;  // or may do so
  bool allowed_wholly = false;
  bool allowed_partly = false;

  void add(const acl_rule& rule, std::string_view rule_filter, std::string_view filter) {
    if (!overlaps(rule_filter, filter)) return;
    const bool wholly = covers(rule_filter, filter);
    (allows(rule) ? allowed_partly : denied_partly) = true;
    if (wholly) (allows(rule) ? allowed_wholly : denied_wholly) = true;
  }

  reach reached() const {
    if (denied_wholly || !allowed_partly) return reach::nothing;
    return allowed_wholly && !denied_partly ? reach::all : reach::some;
  }
};

relation relate_own(const rule_list* rules, std::string_view filter) {
  relation found;
  if (rules == nullptr) return found;
  for (const auto& rule : *rules) {
    if (concerns(rule, access::read)) found.add(rule, rule.filter, filter);
  }
  return found;
}

relation relate_patterns(const rule_list& patterns, const principal& who, std::string_view filter) {
  relation found;
  if (patterns.empty() || !is_safe_in_patterns(who)) return found;
  std::string expanded;
  for (const auto& rule : patterns) {
    if (!concerns(rule, access::read)) continue;
    if (expand(rule.filter, who, allows(rule), expanded)) found.add(rule, expanded, filter);
  }
  return found;
}

}  // namespace

acl_rule make_rule(access what, std::string_view filter) {
  acl_rule rule;
  rule.what = what;
  rule.filter = filter;
  std::size_t end = std::min({filter.size(), filter.find_first_of("+#"), find_name(filter)});
  const bool with_parent = end > 0 && filter.substr(end) == "#";  // "a/#" matches "a" too
  if (with_parent) --end;
  rule.fixed_bytes = static_cast<std::uint32_t>(end);
  const auto last = std::min(end, word_size);
  rule.last_fixed = load(rule.filter.data() + end - last, last);
  return rule;
}

bool may_write(const acl& rules, const principal& who, std::string_view topic) {
  return !is_of_server(topic) && may(rules, who, topic, access::write);
}

bool may_read(const acl& rules, const principal& who, std::string_view topic) {
  return may(rules, who, topic, access::read);
}

reach may_subscribe(const acl& rules, const principal& who, std::string_view filter) {
  if (!mqtt::has_wildcard(filter)) return may_read(rules, who, filter) ? reach::all : reach::nothing;
  const auto own = relate_own(rules_of(rules, who), filter);
  if (own.denied_wholly) return reach::nothing;
  if (own.allowed_wholly) return own.reached();
  const auto by_patterns = relate_patterns(rules.patterns, who, filter).reached();
  if (by_patterns == reach::all && !own.denied_partly) return reach::all;
  if (by_patterns == reach::nothing && !own.allowed_partly) return reach::nothing;
  return reach::some;
}

}  // namespace headgate::proxy::auth
