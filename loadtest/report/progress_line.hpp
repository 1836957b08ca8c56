#pragma once

#include <string>

#include "loadtest/core/results.hpp"

namespace headgate::loadtest::report {

// "measuring 3/10 s, 100/100 clients, sent 12.3 k/s, delivered 12.3 k/s, p99 412 µs": one line without its end, that
// fits a terminal of 80 columns in most runs; what matters most comes first.
std::string progress_line(const core::progress& progress);

}  // namespace headgate::loadtest::report
