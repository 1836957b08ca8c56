#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace headgate::cli {

// Columns that say how a server does, and one line of them from two answers of /api/v1/stats: rates over the seconds
// between them, and what is so now.
std::vector<std::string> watch_headings();
std::vector<std::string> watch_cells(const boost::json::object& before, const boost::json::object& now, double seconds);
// The cells, each right-aligned below its heading.
std::string watch_line(const std::vector<std::string>& cells);

}  // namespace headgate::cli
