#pragma once

#include <string>
#include <vector>

#include "config/mosquitto/verdict.hpp"

namespace headgate::config::mosquitto {

// The YAML of listeners and settings ("section.key": value), with comments.
std::string write_yaml(const std::string& path, const std::vector<new_listener>& listeners,
                       const std::map<std::string, new_setting>& settings);

}  // namespace headgate::config::mosquitto
