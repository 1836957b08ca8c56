// Prints made-up results as JSON: `report_samples good|bad|nothing`, for tests of what reads it.

#include <cstdio>
#include <string_view>

#include "loadtest/report/write_json.hpp"
#include "tests/unit/loadtest/report/sample_results.hpp"

int main(int argc, char** argv) {
  using namespace headgate::loadtest;
  const std::string_view name = argc == 2 ? argv[1] : "";
  core::results results;
  if (name == "good") {
    results = report::good_results();
  } else if (name == "bad") {
    results = report::bad_results();
  } else if (name != "nothing") {
    return 2;
  }
  std::fputs(report::write_json(results).c_str(), stdout);
  return 0;
}
