#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "config/problems.hpp"
#include "config/settings.hpp"

// A configuration file: YAML of keys and values, in UTF-8. Of YAML's possibilities these are refused, each with a
// sentence, since none of them makes a configuration clearer: lists, anchors and aliases (and with them merge keys),
// tags, directives, values of several lines, more than one document, a key that is there twice.
namespace headgate::config {

inline constexpr std::size_t max_file_bytes = 1024 * 1024;

// What set each key that is not default: "FILE:LINE", the name of a variable, or "--set".
using origins = std::map<std::string, std::string>;

// Applies the keys of `text`; `name` is that of the file, for sentences. A key with a problem is left out, and the
// others are applied.
void read_yaml(settings& settings, std::string_view text, const std::string& name, origins& origins,
               problems& problems);

// The content of a file. Throws settings_error if it cannot be read or is larger than max_file_bytes.
std::string read_whole_file(const std::string& path);

}  // namespace headgate::config
