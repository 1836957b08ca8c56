#include <cstdint>

#include "loadtest/report/compare.hpp"

namespace headgate::loadtest::report {

namespace {

struct rule {
  enum class place : std::uint8_t { beginning, end } where;
  std::string_view text;
  direction better;
};

constexpr auto begins = rule::place::beginning;
constexpr auto ends = rule::place::end;

// The first that fits decides.
constexpr rule rules[] = {
    {ends, ".count", direction::neither},
    {ends, "_per_s", direction::more_is_better},
    {ends, ".cpu_s", direction::neither},
    {begins, "unsent", direction::less_is_better},
    {begins, "windows_reopened", direction::less_is_better},
    {begins, "connecting_s", direction::less_is_better},
    {begins, "connections.refused", direction::less_is_better},
    {begins, "connections.failed", direction::less_is_better},
    {begins, "connections.ended_by_server", direction::less_is_better},
    {begins, "connections.unanswered", direction::less_is_better},
    {begins, "latency.", direction::less_is_better},
    {begins, "generator.", direction::less_is_better},
    {begins, "server.calls.", direction::neither},
    {begins, "server.", direction::less_is_better},
    {begins, "audit.required", direction::neither},
    {begins, "audit.received", direction::neither},
    {begins, "audit.expired", direction::neither},
    {begins, "audit.foreign", direction::neither},
    {begins, "audit.memory_limit_bytes", direction::neither},
    {begins, "audit.", direction::less_is_better},
};

}  // namespace

direction direction_of(std::string_view metric) {
  for (const auto& each : rules) {
    const bool fits = each.where == begins ? metric.starts_with(each.text) : metric.ends_with(each.text);
    if (fits) return each.better;
  }
  return direction::neither;
}

}  // namespace headgate::loadtest::report
