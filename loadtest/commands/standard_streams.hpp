#pragma once

#include <string>

namespace headgate::loadtest::commands {

// Once, at the start: a pipe that nobody reads is an error of who writes instead of a signal, and what came closed is
// not given to a socket later: writing to it fails.
void keep_standard_streams();

// Writes all of it to standard output. Throws std::runtime_error if it takes no more: nobody shall take half a table
// for a whole one.
void write_output(const std::string& text);

// The same to standard error, where it does not matter.
void write_error(const std::string& text);

}  // namespace headgate::loadtest::commands
