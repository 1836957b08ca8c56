#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/limits.hpp"

namespace headgate::cli {

// What an operator can set. Defaults are those of a safe start on one machine.
struct settings {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 1883;
  bool anonymous_allowed = false;  // on addresses other than loopback
  base::limits limits;
};

// A setting that cannot be used; the text says which, why, and what would do.
struct settings_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Applies one "KEY=VALUE" of the command line. Throws settings_error.
void assign(settings& settings, const std::string& assignment);
// Checks what concerns more than one key, such as an open listener without authentication. Throws settings_error.
void check(const settings& settings);

// One line a key: its name, its value in force, what it means.
struct setting_line {
  std::string key;
  std::string value;
  std::string help;
};
std::vector<setting_line> describe(const settings& settings);

}  // namespace headgate::cli
