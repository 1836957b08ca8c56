#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/problems.hpp"
#include "config/settings.hpp"
#include "config/yaml_file.hpp"

// Keys in the environment: HEADGATE_ and the path in capital letters, with '_' for each dot and '-'. So
// listeners.tcp.port is HEADGATE_LISTENERS_TCP_PORT. An item is one that is there already and is written so, or else a
// new one with its name in small letters.
//
// Others use names that begin with HEADGATE_ as well: Kubernetes gives HEADGATE_PORT and HEADGATE_SERVICE_HOST to pods
// beside a service of that name. Looked at is what goes on with the name of a section, or of a key at the top, or
// nearly so (one wrong letter in four); if that is no key it is an error. Everything else is left alone. A service
// called headgate-admin has names of keys: the error says how to keep them away.
namespace headgate::config {

using variables = std::vector<std::pair<std::string, std::string>>;  // NAME, VALUE

// No keys, though HEADGATE_ADMIN is nearly one.
inline constexpr const char* file_variable = "HEADGATE_CONFIG";  // names the file; empty: none
inline constexpr const char* admin_variable = "HEADGATE_ADMIN";  // the server that client, topic and stats ask

// Those of this process that begin with HEADGATE_.
variables environment_of_process();

// "HEADGATE_LISTENERS_TCP_PORT"
std::string variable_name(const std::string& path);

// Applies them, in the order of their names. What is wrong with one goes to the problems under its name.
void read_environment(settings& settings, variables environment, origins& origins, problems& problems);

}  // namespace headgate::config
