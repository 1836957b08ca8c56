#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headgate::loadtest::report {

// What comparing needs of results that write_json() wrote.
struct report_file {
  std::string file;
  std::string name;
  std::string started;
  std::vector<std::pair<std::string, std::string>> conditions;
  // Every number, in the order of the file: "latency.deliver.p99_us". Without those that measure nothing: the steps of
  // histograms, findings, the process id, the exit status.
  std::vector<std::pair<std::string, double>> metrics;
  int exit_status = 0;  // of the run
  bool interrupted = false;
  bool audited = false;
  bool audit_complete = true;
  std::vector<std::string> failures;
  std::vector<std::string> limited;

  const double* find(std::string_view metric) const {  // null: it has none
    for (const auto& [name_of_it, value] : metrics) {
      if (name_of_it == metric) return &value;
    }
    return nullptr;
  }
};

// `file` is what sentences call it. Throws std::runtime_error with a sentence: no JSON, not of this program, of another
// schema_version, a member that is missing or of another type.
report_file read_json(const std::string& text, const std::string& file);

}  // namespace headgate::loadtest::report
