#include <array>
#include <string_view>
#include <utility>

#include "base/duration_text.hpp"
#include "loadtest/plan/kind.hpp"

namespace headgate::loadtest::plan {

namespace {

constexpr std::uint64_t ms = 1'000'000;

using unit = std::pair<std::string_view, std::uint64_t>;
constexpr std::array<unit, 4> largest_first = {unit{"h", 3'600'000 * ms}, unit{"m", 60'000 * ms}, unit{"s", 1'000 * ms},
                                               unit{"ms", ms}};

std::optional<std::uint64_t> parse_duration(std::string_view text, std::uint64_t least_ns, std::uint64_t most_ns) {
  const auto value_ns = base::parse_duration(text);
  return value_ns && *value_ns >= least_ns && *value_ns <= most_ns ? value_ns : std::nullopt;
}

std::string show_duration(std::uint64_t value_ns) {
  if (value_ns == 0) return "0s";
  for (const auto& [name, size] : largest_first) {
    if (value_ns % size == 0) return std::to_string(value_ns / size).append(name);
  }
  return decimals(0, 1e18).show(static_cast<double>(value_ns) / static_cast<double>(ms)) + "ms";
}

std::string describe(std::uint64_t least_ns, std::uint64_t most_ns) {
  return "a time from " + show_duration(least_ns) + " to " + show_duration(most_ns) +
         ", in seconds or with us, ms, s, m or h behind it";
}

}  // namespace

kind<std::uint64_t> durations(std::uint64_t least_ns, std::uint64_t most_ns) {
  const auto parse = [=](const std::string& text) { return parse_duration(text, least_ns, most_ns); };
  return {describe(least_ns, most_ns), parse, show_duration};
}

kind<std::uint64_t> durations_or_for_ever(std::uint64_t least_ns, std::uint64_t most_ns) {
  const auto parse = [=](const std::string& text) {
    return text == "forever" ? std::optional(core::for_ever) : parse_duration(text, least_ns, most_ns);
  };
  const auto show = [](const std::uint64_t& value_ns) {
    return value_ns == core::for_ever ? "forever" : show_duration(value_ns);
  };
  return {describe(least_ns, most_ns) + ", or forever", parse, show};
}

kind<std::uint64_t> seconds(std::uint64_t least, std::uint64_t most) {
  const auto parse = [=](const std::string& text) -> std::optional<std::uint64_t> {
    const auto value_ns = parse_duration(text, least * core::second_ns, most * core::second_ns);
    if (!value_ns || *value_ns % core::second_ns != 0) return std::nullopt;
    return *value_ns / core::second_ns;
  };
  const auto show = [](const std::uint64_t& value) { return show_duration(value * core::second_ns); };
  return {"whole seconds from " + show(least) + " to " + show(most) + ", or with m or h behind them", parse, show};
}

}  // namespace headgate::loadtest::plan
