#include <algorithm>
#include <string>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "mqtt/topic.hpp"
#include "proxy/auth/acl.hpp"
#include "proxy/auth/acl_file.hpp"

namespace {

using namespace headgate;
using namespace headgate::proxy::auth;
using headgate::proxy::gateway::reach;

// The part before the next zero byte.
std::string_view take(std::string_view& input) {
  const auto end = std::min(input.find('\0'), input.size());
  const auto part = input.substr(0, end);
  input.remove_prefix(std::min(end + 1, input.size()));
  return part;
}

// A topic that the filter matches.
std::string filled_in(std::string_view filter, std::string_view level) {
  std::string topic;
  for (const char c : filter) topic += c == '+' || c == '#' ? std::string(level) : std::string(1, c);
  return topic;
}

void check_deny(const std::vector<acl_rule>& own, const acl& rules, const proxy::gateway::principal& who,
                const std::string& topic) {
  for (const auto& rule : own) {
    if (rule.what != acl_rule::access::deny || !mqtt::matches(rule.filter, topic)) continue;
    HEADGATE_ASSERT(!may_read(rules, who, topic) && !may_write(rules, who, topic));
  }
}

}  // namespace

// Client id, user name, filter and rules, divided by zero bytes: rules are refused with the number of each wrong line,
// and what they say of a filter holds for topics that it matches.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = base::as_text(base::bytes(data, size));
  const auto client_id = take(input);
  const auto user_name = take(input);
  const auto filter = take(input);
  const auto parsed = parse_acl_file(input);
  const auto lines = static_cast<std::size_t>(std::count(input.begin(), input.end(), '\n')) + 1;
  std::size_t before = 0;
  for (const auto& error : parsed.errors) {
    HEADGATE_ASSERT(error.line > before && error.line <= lines && !error.sentence.empty());
    before = error.line;
  }
  if (!mqtt::is_valid_topic_filter(filter)) return 0;

  const proxy::gateway::principal who{client_id, user_name};
  const auto& rules = parsed.rules;
  const auto found = rules.users.find(user_name);
  const std::vector<acl_rule> none;
  const auto& own = user_name.empty() ? rules.anonymous : found == rules.users.end() ? none : found->second;
  const auto said = may_subscribe(rules, who, filter);
  HEADGATE_ASSERT(mqtt::has_wildcard(filter) || said != reach::some);
  for (const auto* level : {"", "a", "x/y"}) {
    const auto topic = filled_in(filter, level);
    if (topic.empty() || !mqtt::matches(filter, topic)) continue;
    const bool may = may_read(rules, who, topic);
    if (said == reach::all) HEADGATE_ASSERT(may);
    if (said == reach::nothing) HEADGATE_ASSERT(!may);
    check_deny(own, rules, who, topic);
  }
  return 0;
}
