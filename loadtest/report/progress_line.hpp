#pragma once

#include <string>

#include "loadtest/core/results.hpp"

namespace headgate::loadtest::report {

// "measuring  3 s of 10 s, 100 of 100 connected, 12.3 k/s sent, 12.3 k/s delivered, p99 412 µs": one line without its
// end.
std::string progress_line(const core::progress& progress);

}  // namespace headgate::loadtest::report
