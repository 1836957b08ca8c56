#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace headgate::config {

// One key whose value is another now.
struct change {
  std::string key;
  std::string before;   // empty as well for an item that is new
  std::string after;    // and for one that is gone
  bool counts = false;  // from now on; otherwise after a restart
  // What an operator is told.
  std::string sentence;
};

// What SIGHUP makes of settings that were loaded again.
struct reload {
  config::settings settings;    // those in force, with what may change of the new ones
  std::vector<change> changes;  // none: the settings are the same
};

// Pure. Both settings have been checked. Keys of an item, such as a listener, go together: those that may change wait
// as well when another of the same item waits for a restart. Throws settings_error if what may change does not go with
// what waits, such as listeners without users before they are bound to loopback: then nothing changes.
reload plan_reload(const settings& in_force, const settings& next);

}  // namespace headgate::config
