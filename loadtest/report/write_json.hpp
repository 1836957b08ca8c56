#pragma once

#include <string>

#include "loadtest/core/results.hpp"

namespace headgate::loadtest::report {

// The results as JSON, as results.schema.json beside this file describes it: UTF-8, one member a line, ends with a
// newline. What a run has no figure for is left out.
std::string write_json(const core::results& results);

}  // namespace headgate::loadtest::report
