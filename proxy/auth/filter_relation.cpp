#include "proxy/auth/filter_relation.hpp"

#include <optional>

namespace headgate::proxy::auth {

namespace {

// Takes the levels of a filter one after the other.
class levels {
 public:
  explicit levels(std::string_view filter) : rest_(filter) {}
  // Nothing at the end.
  std::optional<std::string_view> next() {
    if (ended_) return std::nullopt;
    const auto slash = rest_.find('/');
    const auto level = rest_.substr(0, slash);
    ended_ = slash == std::string_view::npos;
    if (!ended_) rest_.remove_prefix(slash + 1);
    return level;
  }

 private:
  std::string_view rest_;
  bool ended_ = false;
};

bool begins_with_wildcard(std::string_view filter) {
  return filter.starts_with('+') || filter.starts_with('#');
}

bool only_one_is_of_dollar(std::string_view one, std::string_view other) {
  return (one.starts_with('$') && begins_with_wildcard(other)) || (other.starts_with('$') && begins_with_wildcard(one));
}

}  // namespace

bool overlaps(std::string_view one, std::string_view other) {
  if (only_one_is_of_dollar(one, other)) return false;
  levels ones(one);
  levels others(other);
  for (;;) {
    const auto left = ones.next();
    const auto right = others.next();
    if (left == "#" || right == "#") return true;  // "a/#" matches "a" too (4.7.1.2)
    if (!left || !right) return left == right;
    if (*left != "+" && *right != "+" && *left != *right) return false;
  }
}

bool covers(std::string_view wide, std::string_view narrow) {
  if (only_one_is_of_dollar(wide, narrow)) return false;
  levels wides(wide);
  levels narrows(narrow);
  for (;;) {
    const auto left = wides.next();
    const auto right = narrows.next();
    if (left == "#") return true;
    if (!left || !right) return left == right;
    if (*right == "#") return false;
    if (*left != "+" && *left != *right) return false;
  }
}

}  // namespace headgate::proxy::auth
