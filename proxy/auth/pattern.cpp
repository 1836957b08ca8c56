#include "proxy/auth/pattern.hpp"

#include <algorithm>

namespace headgate::proxy::auth {

namespace {

bool has_wildcard(std::string_view name) {
  return name.find_first_of("+#") != std::string_view::npos;
}

}  // namespace

bool is_safe_in_patterns(const gateway::principal& who) {
  return !has_wildcard(who.client_id) && !has_wildcard(who.user_name);
}

std::size_t find_name(std::string_view pattern) {
  return std::min(pattern.find("%c"), pattern.find("%u"));
}

bool expand(std::string_view pattern, const gateway::principal& who, bool allows, std::string& filter) {
  filter.clear();
  for (;;) {
    const auto at = find_name(pattern);
    filter += pattern.substr(0, at);
    if (at == std::string_view::npos) return true;
    const auto name = pattern[at + 1] == 'c' ? who.client_id : who.user_name;
    if (name.empty()) return false;
    if (allows && name.find('/') != std::string_view::npos) return false;
    if (allows && filter.empty() && name.front() == '$') return false;
    filter += name;
    pattern.remove_prefix(at + 2);
  }
}

}  // namespace headgate::proxy::auth
