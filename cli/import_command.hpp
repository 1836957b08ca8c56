#pragma once

#include <string>

#include "cli/command.hpp"

namespace headgate::cli {

struct import_options {
  std::string input;   // a mosquitto.conf
  std::string output;  // a file that is made; empty: standard output
  bool force = false;  // whether an output that is there already may go
};

// Writes the YAML to the output and the report to standard error. Returns the exit status, `done` also when something
// was left out. Throws config::mosquitto::import_error and std::runtime_error with a sentence.
int import_mosquitto(const import_options& options);

add_command add_import_command;  // headgate import FILE

}  // namespace headgate::cli
