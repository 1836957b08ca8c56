#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/log_sink.hpp"

namespace headgate::cli {

using log_time = std::chrono::system_clock::time_point;

// A line for people, in local time, with its line end: "2026-11-26T01:02:03.456 info TEXT\n". Never longer than
// `most_bytes`, of which it needs 64, and one line whatever the text holds: control characters become '?'.
std::string text_line(const base::log_line& line, log_time time, std::size_t most_bytes);

// A line for machines, in UTC, with its line end:
//   {"time":"2026-11-26T01:02:03.456Z","level":"info","event":"client_connected","text":"…","client":"…"}
// Valid JSON in UTF-8 whatever bytes it is given (what is no UTF-8 becomes U+FFFD), never longer than `most_bytes`, of
// which it needs 512: then values are cut, fields left out, and "cut":true is its last member. A field that has the
// name of another member gets a '_' behind it.
std::string json_line(const base::log_line& line, log_time time, std::size_t most_bytes);

}  // namespace headgate::cli
