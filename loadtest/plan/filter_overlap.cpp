#include "loadtest/plan/filter_overlap.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headgate::loadtest::plan {

namespace {

// A letter of a level, or a place with its digits ("8n"): then `place` is not 0.
struct item {
  char letter = 0;
  char place = 0;
  int digits = 0;

  bool operator==(const item&) const = default;
};

using level = std::vector<item>;

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

// The text has been parsed as a template, so that each '%' begins a place.
std::vector<level> levels_of(std::string_view text) {
  std::vector<level> levels(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '/') {
      levels.emplace_back();
    } else if (text[at] != '%') {
      levels.back().push_back({text[at], 0, 0});
    } else {
      int digits = 0;
      while (++at < text.size() && is_digit(text[at])) digits = digits * 10 + (text[at] - '0');
      if (at >= text.size()) break;
      const bool is_percent = text[at] == '%';
      levels.back().push_back(is_percent ? item{'%', 0, 0} : item{0, text[at], digits});
    }
  }
  return levels;
}

bool is_only(const level& level, char letter) {
  return level.size() == 1 && level.front() == item{letter, 0, 0};
}

// What stands on both sides and cannot be the same, whatever the numbers are.
bool differ(const item& a, const item& b) {
  if (a.place == 0 && b.place == 0) return a.letter != b.letter;
  if (a.place != 0 && b.place != 0) return false;
  return !is_digit(a.place == 0 ? a.letter : b.letter);
}

// Walks from one end of two levels as long as both surely have the same there.
template <class Iterator>
bool ends_differ(Iterator a, Iterator a_end, Iterator b, Iterator b_end) {
  for (; a != a_end && b != b_end; ++a, ++b) {
    if (differ(*a, *b)) return true;
    // Numbers of topics are two different ones, and a number may be longer than the other.
    const bool is_same = *a == *b && a->place != 'n';
    if (!is_same) return false;
  }
  // One has ended: what the other has beyond is at least one letter, so it is longer.
  return (a == a_end) != (b == b_end);
}

bool levels_may_be_equal(const level& a, const level& b) {
  if (is_only(a, '+') || is_only(b, '+')) return true;
  return !ends_differ(a.begin(), a.end(), b.begin(), b.end()) &&
         !ends_differ(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

bool is_wildcard(const level& level) {
  return is_only(level, '+') || is_only(level, '#');
}

bool begins_with_dollar(const level& level) {
  return !level.empty() && level.front() == item{'$', 0, 0};
}

bool may_overlap(const std::vector<level>& left, const std::vector<level>& right) {
  // [MQTT-4.7.2-1]
  if (is_wildcard(left.front()) && begins_with_dollar(right.front())) return false;
  if (is_wildcard(right.front()) && begins_with_dollar(left.front())) return false;
  for (std::size_t at = 0;; ++at) {
    const bool left_ends = at >= left.size();
    const bool right_ends = at >= right.size();
    if (left_ends && right_ends) return true;
    // "a/#" matches "a" as well.
    if ((!left_ends && is_only(left[at], '#')) || (!right_ends && is_only(right[at], '#'))) return true;
    if (left_ends || right_ends) return false;
    if (!levels_may_be_equal(left[at], right[at])) return false;
  }
}

}  // namespace

bool may_overlap(const core::text_template& a, const core::text_template& b) {
  return may_overlap(levels_of(a.text()), levels_of(b.text()));
}

std::optional<std::pair<std::size_t, std::size_t>> find_overlap(const std::vector<core::text_template>& filters) {
  std::vector<std::vector<level>> seen;
  for (const auto& filter : filters) {
    auto levels = levels_of(filter.text());
    for (std::size_t earlier = 0; earlier < seen.size(); ++earlier) {
      if (may_overlap(seen[earlier], levels)) return std::pair(earlier, seen.size());
    }
    seen.push_back(std::move(levels));
  }
  return std::nullopt;
}

std::string filter_over(const core::text_template& topic) {
  std::string filter;
  const auto levels = levels_of(topic.text());
  for (std::size_t at = 0; at < levels.size(); ++at) {
    const auto& level = levels[at];
    if (at > 0) filter += '/';
    const bool has_place = std::ranges::any_of(level, [](const item& item) { return item.place != 0; });
    if (has_place) {
      filter += '+';
    } else {
      for (const auto& item : level) filter += item.letter == '%' ? "%%" : std::string(1, item.letter);
    }
  }
  return filter;
}

}  // namespace headgate::loadtest::plan
