#pragma once

#include <string>
#include <vector>

#include "config/mosquitto/verdict.hpp"

namespace headgate::config::mosquitto {

// Text in quotes, as YAML takes it back. It has to be printable.
std::string yaml_text(const std::string& text);

// The YAML of listeners and settings ("section.key": value), with comments.
std::string write_yaml(const std::string& path, const std::vector<new_listener>& listeners,
                       const std::map<std::string, new_setting>& settings);

}  // namespace headgate::config::mosquitto
