#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace headgate::config {

// What is wrong with keys that are good each by itself.
struct conflict {
  std::vector<std::string> keys;  // those that say it together; the one to change comes first
  std::string sentence;
};

// What check() throws, one by one.
std::vector<conflict> find_conflicts(const settings& settings);
// Of these, what is about the TLS of one listener.
void find_tls_conflicts(const listener& listener, std::vector<conflict>& found);

}  // namespace headgate::config
