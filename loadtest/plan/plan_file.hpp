#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadtest/core/plan.hpp"
#include "loadtest/plan/plan_error.hpp"

// A plan as a YAML file; PLANS.md describes it, and is what reference_page() gives.
namespace headgate::loadtest::plan {

inline constexpr std::size_t max_file_bytes = 1024 * 1024;

// The plan in the text; `name` is that of the file. `run_id` is a random number: client ids without a template contain
// it. Throws plan_error with all that is wrong, each as "FILE:LINE: key: sentence".
core::plan read_plan(std::string_view text, const std::string& name, std::uint32_t run_id);

// All keys in Markdown: PLANS.md.
std::string reference_page();

}  // namespace headgate::loadtest::plan
