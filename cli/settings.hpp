#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "shard-router/cluster.hpp"

namespace headgate::cli {

// What an operator can set. Defaults are those of a safe start on one machine.
struct settings {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 1883;
  bool anonymous_allowed = false;  // on addresses other than loopback
  std::uint32_t workers = 0;       // threads; 0: cores less one, at least 1
  // The first key that names a cluster takes the place of the default, also if it names `main`; each further name adds
  // a cluster, with weight 1 and 1 shard until a key says otherwise. In the order in which keys named them first.
  std::vector<shard_router::cluster> clusters{shard_router::cluster{"main"}};
  bool clusters_are_default = true;  // no key has named one
  std::uint32_t key_levels = 0;      // of a topic that decide over its shard; 0: all (shard-router/routing_key.hpp)
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
