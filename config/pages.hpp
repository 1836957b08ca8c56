#pragma once

#include <string>

// What the table says to those who read. Both end with a line end.
namespace headgate::config {

// A configuration file with each key at its default value, and comments. Taken as it is it changes nothing.
std::string example_file();

// docs/configuration.md.
std::string reference_page();

}  // namespace headgate::config
