#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headgate::loadtest::report {

// At most three of the names that somebody who wrote `name` may have meant, the nearest first.
std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& names);

}  // namespace headgate::loadtest::report
