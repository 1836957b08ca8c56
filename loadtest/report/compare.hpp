#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/report/read_json.hpp"

// Two reports, metric by metric.
namespace headgate::loadtest::report {

// Whether more of a metric is better. `neither` grows with what a run does, such as counts in all.
enum class direction : std::uint8_t { more_is_better, less_is_better, neither };
direction direction_of(std::string_view metric);

// How far B may be from A. Where less is better B may be at most `ratio` times A; where more is better at least A /
// ratio; where neither is, both. So 1.1 always means "at most a tenth worse", and below 1 "better by so much": 0.5
// means half of the latency, or twice the rate.
struct limit {
  std::string metric;
  double ratio = 1;
};
// METRIC=RATIO. Throws std::runtime_error with a sentence.
limit parse_limit(std::string_view text);

struct compared {
  std::string metric;
  double a = 0;
  double b = 0;
  std::optional<double> ratio;  // B / A; none when A is 0
  direction better = direction::neither;
  std::optional<double> limit;
  bool is_past_limit = false;
};

struct comparison {
  std::string a_file;
  std::string b_file;
  std::vector<compared> metrics;      // those that both have and that are not 0 in both, in the order of A
  std::vector<std::string> warnings;  // why the two may not be comparable: sentences

  // B's own exit status was not 0: the run failed, or its audit found faults or could not tell.
  bool b_is_bad = false;

  bool is_past_a_limit() const;
  // Whether B is as good as it is to be: 0, or 1.
  int exit_status() const { return b_is_bad || is_past_a_limit() ? 1 : 0; }
};

// Throws std::runtime_error when a limit is of a metric that is not in both: with the nearest names.
comparison compare(const report_file& a, const report_file& b, std::span<const limit> limits);

// For people; on_terminal as in layout.hpp.
std::string comparison_text(const comparison& found, bool on_terminal);

}  // namespace headgate::loadtest::report
