#include "loadtest/plan/keys.hpp"

#include <algorithm>

#include "loadtest/plan/key_makers.hpp"

namespace headgate::loadtest::plan {

const std::vector<key_section>& key_sections() {
  static const std::vector<key_section> sections = {
      top_keys(),     tls_keys(),       measure_keys(), audit_keys(),   group_keys(),     session_keys(),
      connect_keys(), reconnect_keys(), life_keys(),    publish_keys(), subscribe_keys(), event_keys(),
  };
  return sections;
}

const key_section* find_section(const std::string& path) {
  const auto found = std::ranges::find(key_sections(), path, &key_section::path);
  return found == key_sections().end() ? nullptr : &*found;
}

}  // namespace headgate::loadtest::plan
