#include <cmath>
#include <cstdio>

#include "loadtest/report/compare.hpp"
#include "loadtest/report/layout.hpp"
#include "loadtest/report/units.hpp"

namespace headgate::loadtest::report {

namespace {

// Less than that is noise in any measurement.
constexpr double hardly_different = 0.005;

bool ends_with_unit(std::string_view metric, std::string_view unit) {
  return metric.ends_with(unit) || metric.find(std::string(unit) + "_per_") != std::string_view::npos;
}

// The unit stands in the name: cpu_us_per_delivery, delivered_bytes_per_s, connecting_s.
std::string value_text(std::string_view metric, double value) {
  if (metric.ends_with("_share")) return share_text(value);
  if (ends_with_unit(metric, "_us")) return duration_text(value * 1e3);
  if (ends_with_unit(metric, "bytes") || metric.find("bytes_") != std::string_view::npos) return bytes_text(value);
  if (metric.ends_with("_s") && !metric.ends_with("_per_s")) return duration_text(value * 1e9);
  return amount_text(value);
}

std::string ratio_text(double ratio) {
  char text[32];
  std::snprintf(text, sizeof text, ratio < 100 ? "%.3f" : "%.0f", ratio);
  return text;
}

std::string judgement(const compared& metric) {
  if (metric.is_past_limit) return "PAST ITS LIMIT " + ratio_text(*metric.limit);
  if (metric.better == direction::neither || metric.a == metric.b) return "";
  if (metric.ratio && std::abs(*metric.ratio - 1) < hardly_different) return "";
  return (metric.b > metric.a) == (metric.better == direction::more_is_better) ? "better" : "worse";
}

std::string group_of(const std::string& metric) {
  const auto dot = metric.find('.');
  if (dot == std::string::npos) return "run";
  // Latencies and calls are groups of their own.
  const auto second = metric.find('.', dot + 1);
  return metric.substr(0, second == std::string::npos ? dot : second);
}

std::string limit_sentence(const compared& metric) {
  std::string sentence = metric.metric + ": " + value_text(metric.metric, metric.a) + " in A, " +
                         value_text(metric.metric, metric.b) + " in B";
  if (metric.ratio) sentence += ", which is " + ratio_text(*metric.ratio) + " times A";
  switch (metric.better) {
    case direction::less_is_better:
      return sentence + "; at most " + ratio_text(*metric.limit) + " times A is allowed";
    case direction::more_is_better:
      return sentence + "; at least " + ratio_text(1 / *metric.limit) + " times A is wanted";
    case direction::neither:
      return sentence + "; " + ratio_text(1 / *metric.limit) + " to " + ratio_text(*metric.limit) +
             " times A is allowed";
  }
  return sentence;
}

}  // namespace

std::string comparison_text(const comparison& found, bool on_terminal) {
  std::vector<section> sections;
  sections.push_back({"files", {}, {{"A", found.a_file}, {"B", found.b_file}}, false, {}});
  notice past{"past a limit", {}};
  for (const auto& metric : found.metrics) {
    const auto group = group_of(metric.metric);
    if (sections.back().title != group) sections.push_back({group, {"", "A", "B", "B/A", ""}, {}, true, {}});
    sections.back().rows.push_back({metric.metric, value_text(metric.metric, metric.a),
                                    value_text(metric.metric, metric.b), metric.ratio ? ratio_text(*metric.ratio) : "–",
                                    judgement(metric)});
    if (metric.is_past_limit) past.sentences.push_back(limit_sentence(metric));
  }
  std::string text = lay_out(sections, on_terminal);
  if (!found.warnings.empty()) text += "\n" + framed({"compare with care", found.warnings});
  if (found.b_is_bad) {
    text +=
        "\n" + framed({"b is not good by itself",
                       {"its run ended with exit status 1: it failed, or its audit found faults or could not tell"}});
  }
  if (!past.sentences.empty()) text += "\n" + framed(past);
  return text;
}

}  // namespace headgate::loadtest::report
