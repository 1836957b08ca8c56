#pragma once

#include <vector>

#include "loadtest/core/results.hpp"
#include "loadtest/report/layout.hpp"

namespace headgate::loadtest::report {

// What a reader of the table must not overlook, the worst first; none for a good run of which there is nothing to say.
std::vector<notice> notices_of(const core::results& results);

}  // namespace headgate::loadtest::report
