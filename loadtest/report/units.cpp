#include "loadtest/report/units.hpp"

#include <cmath>
#include <cstdio>
#include <initializer_list>

namespace headgate::loadtest::report {

namespace {

struct unit {
  double size;
  const char* name;
};

// 1.23, 12.3, 123, 1234: never fewer digits before the point than there are.
std::string three_digits(double value) {
  const double magnitude = std::abs(value);
  // What would be rounded up to one digit more is written with that digit.
  const int decimals = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

// The largest unit of which there is at least one; what rounds up to it counts as one.
std::string in_unit(double value, std::initializer_list<unit> from_largest) {
  const unit* fitting = from_largest.end() - 1;
  for (const auto& each : from_largest) {
    if (std::abs(value) >= each.size * 0.9995) {
      fitting = &each;
      break;
    }
  }
  const double count = value / fitting->size;
  const bool is_whole = fitting->size == 1 && count == std::floor(count);
  return (is_whole ? std::to_string(static_cast<long long>(count)) : three_digits(count)) + " " + fitting->name;
}

}  // namespace

std::string duration_text(double ns) {
  return in_unit(ns, {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}});
}

std::string seconds_text(double seconds) {
  constexpr double ns_in_s = 1e9;
  return duration_text(std::round(seconds * ns_in_s));
}

std::string amount_text(double value) {
  if (value == std::floor(value) && std::abs(value) < 10'000) {
    const auto digits = count_text(static_cast<std::uint64_t>(std::abs(value)));
    return value < 0 ? "-" + digits : digits;
  }
  if (std::abs(value) < 999.5) return three_digits(value);
  return in_unit(value, {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}});
}

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t from_end = 3; from_end < text.size(); from_end += 4) text.insert(text.size() - from_end, ",");
  return text;
}

std::string bytes_text(double bytes) {
  return in_unit(bytes, {{1024.0 * 1024 * 1024, "GiB"}, {1024.0 * 1024, "MiB"}, {1024, "KiB"}, {1, "B"}});
}

std::string share_text(double share) {
  return three_digits(share * 100) + " %";
}

}  // namespace headgate::loadtest::report
