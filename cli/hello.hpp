#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/listening.hpp"
#include "config/settings.hpp"

namespace headgate::cli {

// What a start has come to.
struct start {
  std::uint32_t max_clients = 0;
  std::uint32_t workers = 0;
  std::uint32_t shards = 0;
  std::string admin;  // where the admin listener is: "http://127.0.0.1:18083/"; empty: nowhere
};

// Writes a line to standard output. What nobody reads for a second is lost.
void say(const std::string& line);

// Where clients come in, how many, where operators come in, what is kept and for how long, and who may connect; what is
// risky is told as a warning.
void say_hello(const config::settings& settings, const std::vector<open_listener>& listeners, const start& start);

}  // namespace headgate::cli
