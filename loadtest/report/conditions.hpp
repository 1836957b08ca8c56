#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loadtest/core/plan.hpp"

namespace headgate::loadtest::report {

// The plan in words, for results.conditions: where to, a row a group, for how long. Two runs with the same words can be
// compared; but for "target", since to compare servers is what a load test is for.
std::vector<std::pair<std::string, std::string>> conditions_of(const core::plan& plan);

}  // namespace headgate::loadtest::report
