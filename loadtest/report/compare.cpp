#include "loadtest/report/compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include "loadtest/report/nearest_names.hpp"
#include "loadtest/report/units.hpp"

namespace headgate::loadtest::report {

namespace {

// Two numbers that were written and read may differ in the last digit.
constexpr double rounding = 1e-9;

bool is_past(const compared& metric, double ratio) {
  const double slack = 1 + rounding;
  const bool is_too_much = metric.b > metric.a * ratio * slack;
  const bool is_too_little = metric.b * slack < metric.a / ratio;
  switch (metric.better) {
    case direction::less_is_better:
      return is_too_much;
    case direction::more_is_better:
      return is_too_little;
    case direction::neither:
      return is_too_much || is_too_little;
  }
  return false;
}

std::string all_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void check_limit(const limit& wanted, const report_file& a, const report_file& b) {
  const bool has_a = a.find(wanted.metric) != nullptr;
  const bool has_b = b.find(wanted.metric) != nullptr;
  if (!has_a && !has_b) {
    std::vector<std::string> names;
    for (const auto& metric : a.metrics) names.push_back(metric.first);
    throw std::runtime_error("--limit: there is no metric '" + wanted.metric +
                             "'; the nearest are: " + all_of(nearest_names(wanted.metric, names)));
  }
  if (!has_a || !has_b) {
    throw std::runtime_error("--limit: " + (has_a ? b.file : a.file) + " has no " + wanted.metric +
                             ": its run did not measure it");
  }
  if (wanted.ratio < 1 && direction_of(wanted.metric) == direction::neither) {
    throw std::runtime_error("--limit: neither more nor less of " + wanted.metric +
                             " is better, so its ratio is at least 1: how far B may be from A either way");
  }
}

const std::string* value_of(const std::vector<std::pair<std::string, std::string>>& pairs, const std::string& name) {
  for (const auto& pair : pairs) {
    if (pair.first == name) return &pair.second;
  }
  return nullptr;
}

void warn_of_conditions(std::vector<std::string>& warnings, const report_file& a, const report_file& b) {
  const auto tell = [&](const std::string& name, const std::string* in_a, const std::string* in_b) {
    const auto said = [](const std::string* value) { return value == nullptr ? "not given" : *value; };
    warnings.push_back("the conditions differ: " + name + " is " + said(in_a) + " in A and " + said(in_b) + " in B");
  };
  if (a.name != b.name) tell("the plan", &a.name, &b.name);
  for (const auto& [name, value] : a.conditions) {
    if (name == "target") continue;  // another server is what one compares with
    const auto* other = value_of(b.conditions, name);
    if (other == nullptr || *other != value) tell(name, &value, other);
  }
  for (const auto& [name, value] : b.conditions) {
    if (name != "target" && value_of(a.conditions, name) == nullptr) tell(name, nullptr, &value);
  }
}

void warn_of_run(std::vector<std::string>& warnings, const char* which, const report_file& report) {
  const std::string run = std::string(which) + " (" + report.file + ")";
  for (const auto& failure : report.failures) warnings.push_back(run + " failed: " + failure);
  if (report.interrupted) warnings.push_back(run + " was interrupted");
  for (const auto& sentence : report.limited) warnings.push_back(run + " was limited by its generator: " + sentence);
  const auto* faults = report.find("audit.faults");
  if (faults != nullptr && *faults > 0) {
    warnings.push_back(run + " found " + count_text(static_cast<std::uint64_t>(*faults)) + " faults");
  }
  if (!report.audit_complete) warnings.push_back(run + " has an audit whose memory did not suffice");
}

}  // namespace

limit parse_limit(std::string_view text) {
  const auto equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw std::runtime_error("--limit: '" + std::string(text) +
                             "' is not METRIC=RATIO, such as latency.deliver.p99_us=1.1");
  }
  const std::string number(text.substr(equals + 1));
  char* end = nullptr;
  const double ratio = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0' || !std::isfinite(ratio) || ratio <= 0) {
    throw std::runtime_error("--limit: '" + number + "' is not a ratio above 0, such as 1.1 for at most a tenth worse");
  }
  return {std::string(text.substr(0, equals)), ratio};
}

bool comparison::is_past_a_limit() const {
  return std::any_of(metrics.begin(), metrics.end(), [](const compared& metric) { return metric.is_past_limit; });
}

comparison compare(const report_file& a, const report_file& b, std::span<const limit> limits) {
  for (const auto& each : limits) check_limit(each, a, b);
  comparison found;
  found.a_file = a.file;
  found.b_file = b.file;
  found.b_is_bad = b.exit_status != 0;
  for (const auto& [name, value] : a.metrics) {
    const auto* other = b.find(name);
    if (other == nullptr) continue;
    compared metric;
    metric.metric = name;
    metric.a = value;
    metric.b = *other;
    if (value != 0) metric.ratio = *other / value;
    metric.better = direction_of(name);
    for (const auto& each : limits) {
      if (each.metric != name) continue;
      // Of several limits the strictest counts.
      metric.limit = std::min(each.ratio, metric.limit.value_or(each.ratio));
      metric.is_past_limit = is_past(metric, *metric.limit);
    }
    if (value != 0 || *other != 0 || metric.limit) found.metrics.push_back(metric);
  }
  warn_of_conditions(found.warnings, a, b);
  warn_of_run(found.warnings, "A", a);
  warn_of_run(found.warnings, "B", b);
  return found;
}

}  // namespace headgate::loadtest::report
