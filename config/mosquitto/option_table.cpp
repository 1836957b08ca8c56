#include "config/mosquitto/option_table.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace headgate::config::mosquitto {

namespace {

const std::array tables = {general_rows, listener_rows, bridge_rows};
constexpr std::array families = {std::string_view("auth_opt_"), std::string_view("plugin_opt_")};

const option_row* find_row(const std::string& name) {
  for (auto* rows : tables) {
    const auto found = std::ranges::find(rows(), name, &option_row::name);
    if (found != rows().end()) return &*found;
  }
  return nullptr;
}

// Letters to change, add or take away; to name the option that was probably meant.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

[[noreturn]] void refuse_unknown(const option_line& line) {
  constexpr std::size_t longest_shown = 60;
  const auto shown = printable(line.name.substr(0, longest_shown));
  std::string_view nearest;
  auto least = std::string::npos;
  for (auto* rows : tables) {
    for (const auto& row : rows()) {
      const auto far = distance(shown, row.name);
      if (far < least) std::tie(least, nearest) = std::pair(far, row.name);
    }
  }
  const bool is_near = least <= 1 + shown.size() / 3;
  fail_at(line.where, "mosquitto has no option '" + shown + "'" +
                          (is_near ? ": did you mean '" + std::string(nearest) + "'?"
                                   : ": is this a mosquitto.conf? If a newer mosquitto knows it, take the line out"));
}

// As the column same_value has it.
std::string normal_value(const option_row& row, const option_line& line) {
  switch (row.kind) {
    case value_kind::flag:
      return flag_of(line) ? "true" : "false";
    case value_kind::number:
      return std::to_string(number_of(line));
    case value_kind::text:
      return text_of(line);
  }
  return "";
}

}  // namespace

void apply(draft& draft, const option_line& line) {
  if (std::ranges::any_of(families, [&](auto family) { return line.name.starts_with(family); })) {
    // Their values may be secrets: they are not printed.
    return add_finding(draft, fate::harmless, line, "it goes with its plugin");
  }
  const auto* row = find_row(line.name);
  if (row == nullptr) refuse_unknown(line);
  const auto value = normal_value(*row, line);
  if (row->apply != nullptr) return row->apply(draft, line);
  const bool same = !row->same_value.empty() && row->same_value == value;
  if (same) return add_finding(draft, fate::same_by_default, line, "Headgate does the same");
  add_finding(draft, row->otherwise, line, std::string(row->why), std::string(row->by_hand));
}

}  // namespace headgate::config::mosquitto
