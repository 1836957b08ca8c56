#include "base/duration_text.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace headgate::base {

namespace {

constexpr double most_ns = 1e18;

struct unit {
  std::string_view name;
  double ns;
};
constexpr unit units[] = {{"", 1e9}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3'600e9}};

}  // namespace

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number) || std::signbit(number)) return std::nullopt;
  const auto name = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& each : units) {
    if (name != each.name) continue;
    const double value = std::round(number * each.ns);
    return value <= most_ns ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace headgate::base
