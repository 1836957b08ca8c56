#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/mosquitto/verdict.hpp"
#include "config/settings.hpp"

namespace headgate::config::mosquitto {

// The listeners that are served, as a start would check them together.
class neighbours {
 public:
  neighbours();

  // Takes one in and returns nothing, or returns why it cannot stand beside the others: their number, or one of them
  // that has its address.
  std::optional<std::string> add(const new_listener& listener);

  // The name of the one that has the address of the admin listener; empty: none.
  std::string in_the_way_of_admin() const;

 private:
  settings settings_;  // without an admin listener
  std::vector<std::string> descriptions_;
};

}  // namespace headgate::config::mosquitto
