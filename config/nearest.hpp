#pragma once

#include <cstddef>
#include <string_view>

namespace headgate::config {

// Levenshtein's distance: letters to be added, taken away or replaced.
std::size_t distance(std::string_view a, std::string_view b);

}  // namespace headgate::config
