#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/section.hpp"

namespace headgate::config {

// Every key that there is, in the order in which it is shown.
const std::vector<section>& table();

// One key of the settings in force, or of an item that is not there yet.
struct place {
  const config::section* section = nullptr;
  const config::key* key = nullptr;
  std::string item{};  // empty where there are no items

  std::string path() const { return path_of(*section, item, key->name); }
};

// Where the path leads; an item's name is not checked. Nothing if there is no such key.
std::optional<place> find_place(const std::string& path);
const section* find_section(const std::string& name);
const key* find_key(const section& section, const std::string& name);

// All keys of these settings, item by item.
std::vector<place> places_of(const settings& settings);

// Sets a key. Returns what is wrong as a sentence without a dot, and has changed nothing then; or nothing.
std::optional<std::string> apply(settings& settings, const std::string& path, const std::string& value);
// The same for an item of which no key is given.
std::optional<std::string> name_item(settings& settings, const section& section, const std::string& name);

// "unknown key 'worker': did you mean 'workers'?"
std::string unknown_key(const std::string& path);
std::string unknown_section(const std::string& name);
// The key that is written most like it.
std::string nearest_path(const std::string& path);

}  // namespace headgate::config
