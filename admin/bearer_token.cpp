#include "admin/bearer_token.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace headgate::admin {

namespace {

// Looks at every letter of what was given, whatever it finds.
bool equal_in_constant_time(std::string_view given, std::string_view wanted) {
  volatile unsigned difference = given.size() == wanted.size() ? 0U : 1U;
  for (std::size_t n = 0; n < given.size(); ++n) {
    const auto other = wanted[n % wanted.size()];
    difference = difference | static_cast<unsigned char>(given[n] ^ other);
  }
  return difference == 0;
}

}  // namespace

std::string_view token_of(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  const auto is_same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  const auto start = authorization.substr(0, scheme.size());
  if (!std::equal(start.begin(), start.end(), scheme.begin(), scheme.end(), is_same)) return {};
  const auto begin = std::min(authorization.find_first_not_of(' ', scheme.size()), authorization.size());
  const auto token = authorization.substr(begin);
  return token.substr(0, token.find_last_not_of(" \t") + 1);
}

void bearer_token::set(std::string token) {
  const std::lock_guard lock(mutex_);
  token_ = std::move(token);
}

bool bearer_token::is_needed() const {
  const std::lock_guard lock(mutex_);
  return !token_.empty();
}

bool bearer_token::admits(const std::optional<std::string>& authorization) const {
  const std::lock_guard lock(mutex_);
  return token_.empty() || (authorization && equal_in_constant_time(token_of(*authorization), token_));
}

}  // namespace headgate::admin
