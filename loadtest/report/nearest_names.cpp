#include "loadtest/report/nearest_names.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace headgate::loadtest::report {

namespace {

// How many characters must be put in, left out or changed to make one of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& names) {
  constexpr std::size_t most = 3;
  std::vector<std::pair<std::size_t, std::string_view>> by_distance;
  for (const auto& each : names) {
    // Who leaves out the beginning, as in "p99_us", is nearer than who mistypes.
    const bool holds_it = each.find(name) != std::string::npos;
    by_distance.emplace_back(holds_it ? 0 : distance(name, each), each);
  }
  std::stable_sort(by_distance.begin(), by_distance.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (by_distance.size() > most) by_distance.resize(most);
  std::vector<std::string> nearest;
  for (const auto& each : by_distance) nearest.emplace_back(each.second);
  return nearest;
}

}  // namespace headgate::loadtest::report
