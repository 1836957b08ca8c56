#pragma once

#include <string>

namespace headgate::loadtest::commands {

// A file that is there as a whole or as it was before: written under another name beside it, then renamed. What is no
// regular file, such as a pipe or /dev/null, is written to as it is. What fails throws std::system_error with a
// sentence.

// Before a long run: whether the file can be written, as far as that can be told.
void check_result_file(const std::string& name);
void write_result_file(const std::string& name, const std::string& text);

}  // namespace headgate::loadtest::commands
