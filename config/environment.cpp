#include "config/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "config/nearest.hpp"
#include "config/table.hpp"

namespace headgate::config {

namespace {

constexpr std::string_view prefix = "HEADGATE_";

char capital(char letter) {
  if (letter >= 'a' && letter <= 'z') return static_cast<char>(letter - 'a' + 'A');
  return letter == '.' || letter == '-' ? '_' : letter;
}

char small(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string mapped(std::string text, char (*map)(char)) {
  std::ranges::transform(text, text.begin(), map);
  return text;
}

// The item that is written so in the environment, there or to be made.
std::string item_named(const settings& settings, const section& section, const std::string& written) {
  if (!section.items->are_default(settings)) {
    for (const auto& name : section.items->names(settings)) {
      if (mapped(name, capital) == mapped(written, capital)) return name;
    }
  }
  return mapped(written, small);
}

// The path that a variable stands for. Item and key are divided where the longest key fits.
std::optional<std::string> path_of_variable(const settings& settings, const std::string& name) {
  for (const auto& section : table()) {
    const auto start = section.name.empty() ? std::string(prefix) : variable_name(section.name) + "_";
    if (!name.starts_with(start)) continue;
    const auto rest = name.substr(start.size());
    const key* found = nullptr;
    for (const auto& key : section.keys) {
      const auto word = mapped(key.name, capital);
      const bool fits = section.items ? rest.ends_with("_" + word) && rest.size() > word.size() + 1 : rest == word;
      if (fits && (found == nullptr || key.name.size() > found->name.size())) found = &key;
    }
    if (found == nullptr) continue;
    if (!section.items) return path_of(section, "", found->name);
    const auto item = item_named(settings, section, rest.substr(0, rest.size() - found->name.size() - 1));
    return path_of(section, item, found->name);
  }
  return std::nullopt;
}

// Whether the name goes on with a word of ours, or nearly so.
bool is_meant_for_us(const std::string& name) {
  const auto rest = std::string_view(name).substr(prefix.size());
  const auto word = rest.substr(0, rest.find('_'));
  const auto is_near = [&](const std::string& known) {
    const auto first = mapped(known.substr(0, known.find('_')), capital);
    return distance(first, word.substr(0, 64)) <= first.size() / 4;
  };
  return std::ranges::any_of(table(), [&](const section& section) {
    if (!section.name.empty()) return is_near(section.name);
    return std::ranges::any_of(section.keys, is_near, &key::name);
  });
}

// What the variable would be called whose name is written most like it.
std::string nearest_variable(const std::string& name) {
  auto path = mapped(name.substr(prefix.size()), small);
  for (const auto& section : table()) {
    if (section.name.empty() || !path.starts_with(section.name + "_")) continue;
    path[section.name.size()] = '.';
    // Where the name of an item ends can only be guessed.
    if (const auto last = path.rfind('_'); section.items && last != std::string::npos) path[last] = '.';
    break;
  }
  return variable_name(nearest_path(path));
}

// What to add to the error where Kubernetes has set the variable for a service: "HEADGATE_ADMIN_PORT" beside
// "HEADGATE_ADMIN_SERVICE_HOST".
std::string advice_for(const std::string& name, const variables& environment) {
  constexpr std::string_view mark = "_SERVICE_HOST";
  for (const auto& [other, value] : environment) {
    if (!other.ends_with(mark) || other.size() <= prefix.size() + mark.size()) continue;
    const auto service = other.substr(0, other.size() - mark.size());
    if (!name.starts_with(service + "_PORT") && !name.starts_with(service + "_SERVICE_")) continue;
    auto called = mapped(service, small);
    std::ranges::replace(called, '_', '-');
    return "; Kubernetes sets it for a service called " + called +
           ": enableServiceLinks: false in the pod keeps it away";
  }
  return "";
}

bool is_no_key(const std::string& name) {
  return !name.starts_with(prefix) || name == file_variable || name == admin_variable || !is_meant_for_us(name);
}

}  // namespace

variables environment_of_process() {
  variables found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (!text.starts_with(prefix) || equals == std::string_view::npos) continue;
    found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

std::string variable_name(const std::string& path) {
  return std::string(prefix) + mapped(path, capital);
}

void read_environment(settings& settings, variables environment, origins& origins, problems& problems) {
  std::ranges::sort(environment);
  for (const auto& [name, value] : environment) {
    if (is_no_key(name)) continue;
    const auto path = path_of_variable(settings, name);
    if (!path) {
      problems.add(name, "this variable of the environment is no key: did you mean " + nearest_variable(name) + "?" +
                             advice_for(name, environment));
    } else if (const auto error = apply(settings, *path, value)) {
      problems.add(name, *error + advice_for(name, environment));
    } else {
      origins[*path] = name;
    }
  }
}

}  // namespace headgate::config
