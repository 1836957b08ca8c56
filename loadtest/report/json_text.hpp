#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace headgate::loadtest::report {

// JSON for people and programs: a member a line, arrays on one line, numbers as short as they can be. Every number is
// finite.
std::string json_text(const boost::json::object& document);

}  // namespace headgate::loadtest::report
