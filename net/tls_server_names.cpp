#include "net/tls_server_names.hpp"

#include <algorithm>

namespace headgate::net {

namespace {

// The first one of each kind of key among those that fit.
template <class Fits>
certificate_set one_of_each_kind(const std::vector<tls_identity>& identities, Fits fits) {
  certificate_set found;
  for (std::size_t n = 0; n < identities.size(); ++n) {
    if (!fits(identities[n])) continue;
    const bool has_kind = std::any_of(found.begin(), found.end(), [&](std::size_t other) {
      return identities[other].key_type == identities[n].key_type;
    });
    if (!has_kind) found.push_back(n);
  }
  return found;
}

certificate_set matching(const std::vector<tls_identity>& identities, std::string_view name) {
  return one_of_each_kind(identities, [&](const tls_identity& one) {
    return std::any_of(one.names.begin(), one.names.end(),
                       [&](const auto& pattern) { return name_includes(pattern, name); });
  });
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
  if (identities.front().names.empty()) {  // of an address, which no client asks for by name
    return one_of_each_kind(identities, [](const tls_identity& one) { return one.names.empty(); });
  }
  return matching(identities, identities.front().names.front());
}

}  // namespace headgate::net
