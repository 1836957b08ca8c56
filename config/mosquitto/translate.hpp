#pragma once

#include <string>
#include <vector>

#include "config/mosquitto/draft.hpp"

namespace headgate::config::mosquitto {

// A mosquitto.conf as Headgate would have it.
struct translation {
  std::string yaml;  // a configuration that config::load takes; its comments say from which line each part came
  std::vector<finding> findings;  // at least one for each line of the files; those that change behaviour first
  std::size_t files = 0;          // that were read
};

// Pure but for the files that it asks for. Throws import_error, which names file and line, if a file cannot be read or
// mosquitto itself would refuse it.
translation translate(const std::string& path, file_source& files);

// What people read about it: a line with the counts, then what changes behaviour, with what is left to do, then the
// rest. Ends with a line end.
std::string report(const std::string& path, const translation& translation);

}  // namespace headgate::config::mosquitto
