#include <algorithm>

#include "config/nearest.hpp"
#include "config/value.hpp"
#include "loadtest/plan/plan_reader.hpp"

namespace headgate::loadtest::plan {

namespace {

// Names that are longer are near to nothing, and comparing them would take long.
constexpr std::size_t compared_size = 40;

// "publish" of "groups.NAME.publish" in "groups.NAME"; nothing if it is no section directly below.
std::string name_below(const std::string& section, const std::string& path) {
  if (path.empty() || path == "groups.NAME") return {};
  const auto dot = path.rfind('.');
  const auto parent = dot == std::string::npos ? "" : path.substr(0, dot);
  return parent == section ? path.substr(dot == std::string::npos ? 0 : dot + 1) : "";
}

// What can stand in a section.
std::vector<std::string> names_in(const key_section& section) {
  std::vector<std::string> names;
  for (const auto& key : section.keys) names.push_back(key.name);
  if (section.path.empty()) names.push_back("groups");
  for (const auto& other : key_sections()) {
    const auto name = name_below(section.path, other.path);
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

bool has_key(const key_section& section, const std::string& name) {
  return std::ranges::find(section.keys, name, &plan_key::name) != section.keys.end();
}

}  // namespace

std::string unknown_key(const key_section& section, const std::string& written) {
  const auto said = "there is no key " + config::quoted(written) + " here";
  const auto names = names_in(section);
  const auto start = written.substr(0, compared_size);
  const auto far = [&](const std::string& name) { return config::distance(name, start); };
  const auto nearest = *std::ranges::min_element(names, {}, far);
  // A word of which half is another is no slip of the finger.
  if (far(nearest) > (nearest.size() + 1) / 2) {
    for (const auto& other : key_sections()) {
      if (has_key(other, written)) return said + ": it belongs below '" + other.path + "'";
    }
  }
  return said + ": did you mean '" + nearest + "'?";
}

}  // namespace headgate::loadtest::plan
