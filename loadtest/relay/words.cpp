#include "loadtest/relay/words.hpp"

#include <charconv>
#include <cmath>
#include <span>

#include "base/duration_text.hpp"

namespace headgate::loadtest::relay {

namespace {

struct unit {
  std::string_view name;
  double factor;
};

constexpr unit sizes[] = {
    {"", 1},      {"B", 1},    {"KiB", 1024}, {"MiB", 1024.0 * 1024}, {"GiB", 1024.0 * 1024 * 1024},
    {"kB", 1000}, {"MB", 1e6}, {"GB", 1e9}};

// A number that is not negative, with one of the units right behind it.
std::optional<double> parse_with_unit(std::string_view text, std::span<const unit> units) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || std::signbit(number)) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const unit& each : units) {
    if (name == each.name) return number * each.factor;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> whole_between(std::optional<double> number, double least, double most) {
  if (!number || std::round(*number) < least || *number > most) return std::nullopt;
  return static_cast<std::uint64_t>(std::round(*number));
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

std::optional<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < line.size();) {
    if (is_space(line[at])) {
      ++at;
      continue;
    }
    std::string& word = words.emplace_back();
    while (at < line.size() && !is_space(line[at])) {
      const char c = line[at++];
      if (c != '\'' && c != '"') {
        word += c;
        continue;
      }
      const auto end = line.find(c, at);
      if (end == std::string_view::npos) return std::nullopt;
      word += line.substr(at, end - at);
      at = end + 1;
    }
  }
  return words;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  constexpr std::uint64_t most_ns = 1'000ULL * 3'600 * 1'000'000'000;
  const auto time_ns = base::parse_duration(text);
  return time_ns && *time_ns <= most_ns ? time_ns : std::nullopt;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  return whole_between(parse_with_unit(text, sizes), 1, 0x1p40);
}

std::optional<double> parse_probability(std::string_view text) {
  constexpr unit units[] = {{"", 1}, {"%", 0.01}};
  const auto share = parse_with_unit(text, units);
  if (!share || *share <= 0 || *share > 1) return std::nullopt;
  return share;
}

}  // namespace headgate::loadtest::relay
