#include "cli/log_words.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "base/duration_text.hpp"

namespace headgate::cli {

namespace {

constexpr std::uint64_t ns_per_ms = 1'000'000;

// So many digits off the front; nothing if they are none.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int number = 0;
  if (text.size() < digits) return std::nullopt;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc{} || stopped != text.data() + digits || number < 0) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

// "T08:20", "T08:20:35", "T08:20:35.123", and what is left of it.
bool take_clock(std::string_view& text, std::tm& parts, int& milliseconds) {
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return false;
  const auto minute = take_number(text, 2);
  if (!minute) return false;
  parts.tm_hour = *hour;
  parts.tm_min = *minute;
  if (!take(text, ':')) return true;
  const auto second = take_number(text, 2);
  if (!second) return false;
  parts.tm_sec = *second;
  if (!take(text, '.')) return true;
  const auto thousandths = take_number(text, 3);
  if (!thousandths) return false;
  milliseconds = *thousandths;
  return true;
}

bool is_on_a_clock(const std::tm& parts) {
  return parts.tm_mon >= 0 && parts.tm_mon < 12 && parts.tm_mday >= 1 && parts.tm_mday <= 31 && parts.tm_hour < 24 &&
         parts.tm_min < 60 && parts.tm_sec < 61;
}

}  // namespace

std::string utc_text(std::uint64_t wall_ms) {
  const auto seconds = static_cast<std::time_t>(wall_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ", static_cast<int>(wall_ms % 1000));
  return text.data();
}

std::optional<std::uint64_t> parse_time(std::string_view text, std::uint64_t now_ms) {
  if (const auto ago_ns = base::parse_duration(text)) {
    const auto ago_ms = *ago_ns / ns_per_ms;
    return ago_ms < now_ms ? now_ms - ago_ms : 0;
  }
  std::tm parts{};
  int milliseconds = 0;
  const auto year = take_number(text, 4);
  if (!year || *year < 1970 || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  parts.tm_year = *year - 1900;
  parts.tm_mon = *month - 1;
  parts.tm_mday = *day;
  if (take(text, 'T') && !take_clock(text, parts, milliseconds)) return std::nullopt;
  (void)take(text, 'Z');
  if (!text.empty() || !is_on_a_clock(parts)) return std::nullopt;
  return static_cast<std::uint64_t>(::timegm(&parts)) * 1000 + static_cast<std::uint64_t>(milliseconds);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text.data();
}

std::string digits_text(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string count_text(std::uint64_t number, std::string_view noun) {
  // "batch" is the one noun that takes more than an s.
  const std::string_view ending = number == 1 ? "" : noun.ends_with("ch") ? "es" : "s";
  return digits_text(number).append(" ").append(noun).append(ending);
}

}  // namespace headgate::cli
