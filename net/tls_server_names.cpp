#include "net/tls_server_names.hpp"

#include <algorithm>

namespace headgate::net {

namespace {

certificate_set matching(const std::vector<tls_identity>& identities, std::string_view name) {
  certificate_set found;
  for (std::size_t n = 0; n < identities.size(); ++n) {
    const auto& names = identities[n].names;
    if (std::none_of(names.begin(), names.end(), [&](const auto& pattern) { return name_includes(pattern, name); })) {
      continue;
    }
    const bool has_kind = std::any_of(found.begin(), found.end(), [&](std::size_t other) {
      return identities[other].key_type == identities[n].key_type;
    });
    if (!has_kind) found.push_back(n);
  }
  return found;
}

}  // namespace

bool name_includes(std::string_view pattern, std::string_view name) {
  if (pattern == name) return true;
  if (!pattern.starts_with("*.")) return false;
  const auto dot = name.find('.');
  return dot != std::string_view::npos && dot > 0 && name.substr(dot) == pattern.substr(1);
}

std::unordered_map<std::string, certificate_set> sets_by_name(const std::vector<tls_identity>& identities) {
  std::unordered_map<std::string, certificate_set> sets;
  for (const auto& identity : identities) {
    for (const auto& name : identity.names) sets.try_emplace(name, matching(identities, name));
  }
  return sets;
}

certificate_set default_set(const std::vector<tls_identity>& identities) {
  if (identities.front().names.empty()) return {0};
  return matching(identities, identities.front().names.front());
}

}  // namespace headgate::net
