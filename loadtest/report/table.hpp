#pragma once

#include <string>

#include "loadtest/core/results.hpp"

namespace headgate::loadtest::report {

// The results for people: aligned on a terminal, elsewhere a line for each figure (layout.hpp). A run that failed, was
// interrupted, found faults or was limited by its generator says so in a frame at the end.
std::string table(const core::results& results, bool on_terminal);

}  // namespace headgate::loadtest::report
