#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadtest/core/text_template.hpp"

namespace headgate::loadtest::plan {

// Whether one client's filters of these two templates may match the same topic. Exact without places; with them it
// says yes in doubt: a place may stand for any number, and %c for the same one in both.
bool may_overlap(const core::text_template& a, const core::text_template& b);

// The first two of the filters that may overlap, as indices.
std::optional<std::pair<std::size_t, std::size_t>> find_overlap(const std::vector<core::text_template>& filters);

// The filter that matches every topic of the template: '+' for each level with a place.
std::string filter_over(const core::text_template& topic);

}  // namespace headgate::loadtest::plan
