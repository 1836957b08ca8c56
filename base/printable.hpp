#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headgate::base {

// What is safe in a line of a log or a file and on a terminal, of a text from anywhere: a '?' stands for each byte that
// is no UTF-8 and for each control character, also those of C1 (U+0080 to U+009F), which move the cursor of some
// terminals, and U+2028 and U+2029, which end a line for some readers. What is longer than `most_bytes` is cut and ends
// with "…".
std::string printable(std::string_view text, std::size_t most_bytes = std::string_view::npos);

}  // namespace headgate::base
