#pragma once

#include <string>

#include "loadtest/core/audit.hpp"
#include "loadtest/report/layout.hpp"

namespace headgate::loadtest::report {

// What the audit found: a row for each number that is not 0, examples, and its memory.
section audit_section(const core::verdict& verdict);

// "lost: messages 4,711 to 4,712 of publisher 3 at subscriber 7"
std::string finding_text(const core::finding& found);

}  // namespace headgate::loadtest::report
