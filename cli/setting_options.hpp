#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace headgate::cli {

// --config and --set, of each command that goes by the settings.
struct setting_options {
  std::string config;
  CLI::Option* config_option = nullptr;  // tells an empty name from none
  std::vector<std::string> assignments;
};

// `options` lives as long as the command.
void add_setting_options(CLI::App& command, setting_options& options);

// With the environment of this process. To be called when all options have been read.
config::sources sources_of(const setting_options& options);

}  // namespace headgate::cli
