#pragma once

#include <string>
#include <vector>

#include "loadtest/core/results.hpp"

namespace headgate::loadtest::run {

// Sentences that say why a run's figures are limits of the generator, not of the server; none for a good run.
std::vector<std::string> limits_reached(const core::results& results);

}  // namespace headgate::loadtest::run
