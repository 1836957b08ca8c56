#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/settings.hpp"
#include "config/yaml_file.hpp"

namespace headgate::config {

// Read when neither --config nor HEADGATE_CONFIG name one, if it is there.
inline constexpr const char* default_file = "/etc/headgate/headgate.yaml";

// Where settings come from; each wins over those before it. To be kept for as long as the server runs: SIGHUP loads
// again.
struct sources {
  std::optional<std::string> file;       // from --config; empty: none. Not given: HEADGATE_CONFIG, then default_file
  variables environment;                 // environment_of_process(), taken once
  std::vector<std::string> assignments;  // KEY=VALUE
};

// Settings that have been checked.
struct loaded {
  config::settings settings;
  config::origins origins;  // of the keys that something has set
  std::string file;         // that was read; empty: none
};

// False only if the system says that there is no such file, and not that it cannot tell.
bool may_be_there(const std::string& path);

// The file that would be read; empty: none.
std::string file_of(const sources& sources);

// Reads everything again. Throws settings_error with all that is wrong, a sentence a line, at most
// problems::most of them; each names where it stands.
loaded load(const sources& sources);

}  // namespace headgate::config
