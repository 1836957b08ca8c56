#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loadtest/core/plan.hpp"

namespace headgate::loadtest::core {

// What a plan does in words, as pairs of a name and a text: what two runs must have in common to be compared.
std::vector<std::pair<std::string, std::string>> describe_plan(const plan& plan);

}  // namespace headgate::loadtest::core
