#include "config/mosquitto/option_table.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "config/nearest.hpp"

namespace headgate::config::mosquitto {

namespace {

const std::array tables = {general_rows, listener_rows, tls_rows, bridge_rows};
constexpr std::array families = {std::string_view("auth_opt_"), std::string_view("plugin_opt_")};

const option_row* find_row(const std::string& name) {
  for (auto* rows : tables) {
    const auto found = std::ranges::find(rows(), name, &option_row::name);
    if (found != rows().end()) return &*found;
  }
  return nullptr;
}

[[noreturn]] void refuse_unknown(const option_line& line) {
  constexpr std::size_t longest_shown = 60;
  const auto shown = printable(line.name.substr(0, longest_shown));
  std::string_view nearest;
  auto least = std::string::npos;
  for (auto* rows : tables) {
    for (const auto& row : rows()) {
      const auto longer = std::max(shown.size(), row.name.size());
      if (longer - std::min(shown.size(), row.name.size()) >= least) continue;  // as many letters at least
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
