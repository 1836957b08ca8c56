#include "config/table.hpp"

#include <algorithm>

#include "config/nearest.hpp"
#include "config/sections.hpp"
#include "config/value.hpp"

namespace headgate::config {

namespace {

// Names that are longer are near to nothing, and comparing them would take long.
constexpr std::size_t compared_size = 100;

// What stands where the name of an item would: between the first dot and the last.
std::optional<std::string> name_in(const std::string& path) {
  const auto first = path.find('.');
  const auto last = path.rfind('.');
  if (first == last) return std::nullopt;
  return path.substr(first + 1, last - first - 1);
}

// Listeners are named by the rule of clusters.
std::optional<std::string> find_name_error(const settings& settings, const section& section, const std::string& name) {
  const auto& items = *section.items;
  if (!shard_router::is_valid_cluster_name(name)) {
    return "is no name: a " + items.one + "'s name is of 1 to " + std::to_string(shard_router::max_cluster_name_size) +
           " letters, digits, '-' and '_'";
  }
  if (items.are_default(settings)) return std::nullopt;
  const auto names = items.names(settings);
  if (names.size() < items.most || std::ranges::find(names, name) != names.end()) return std::nullopt;
  return "is one " + items.one + " too many: there can be " + std::to_string(items.most) + " at most";
}

// Every path that could have been meant: of its section, if there is one of that name. Items have the name that the
// path has, or that of the default item.
std::vector<std::string> candidates(const std::string& path) {
  std::vector<std::string> paths;
  const auto name = name_in(path).value_or("");
  const auto* only = path.find('.') == std::string::npos ? nullptr : find_section(path.substr(0, path.find('.')));
  for (const auto& section : table()) {
    if (only != nullptr && only != &section) continue;
    std::string item;
    if (section.items) item = shard_router::is_valid_cluster_name(name) ? name : section.items->example;
    for (const auto& key : section.keys) paths.push_back(path_of(section, item, key.name));
  }
  return paths;
}

}  // namespace

std::string path_of(const section& section, const std::string& item, const std::string& key) {
  return (section.name.empty() ? "" : section.name + ".") + (section.items ? item + "." : "") + key;
}

const std::vector<section>& table() {
  static const std::vector<section> sections = {
      top_section(),           listeners_section(), auth_section(),
      admin_section(),         logging_section(),   sys_section(),
      limits_section(),        log_section(),       shared_subscriptions_section(),
      session_store_section(), retained_section(),  routing_section(),
      clusters_section(),
  };
  return sections;
}

const section* find_section(const std::string& name) {
  const auto found = std::ranges::find(table(), name, &section::name);
  return found == table().end() ? nullptr : &*found;
}

const key* find_key(const section& section, const std::string& name) {
  const auto found = std::ranges::find(section.keys, name, &key::name);
  return found == section.keys.end() ? nullptr : &*found;
}

std::optional<place> find_place(const std::string& path) {
  const auto first = path.find('.');
  const auto* section = find_section(first == std::string::npos ? "" : path.substr(0, first));
  if (section == nullptr) return std::nullopt;
  const auto item = name_in(path);
  if (section->items.has_value() != item.has_value()) return std::nullopt;
  const auto* key = find_key(*section, first == std::string::npos ? path : path.substr(path.rfind('.') + 1));
  if (key == nullptr) return std::nullopt;
  return place{section, key, item.value_or("")};
}

std::vector<place> places_of(const settings& settings) {
  std::vector<place> places;
  for (const auto& section : table()) {
    const auto items = section.items ? section.items->names(settings) : std::vector<std::string>{""};
    for (const auto& item : items) {
      for (const auto& key : section.keys) places.push_back({&section, &key, item});
    }
  }
  return places;
}

std::optional<std::string> apply(settings& settings, const std::string& path, const std::string& value) {
  const auto place = find_place(path);
  if (!place) return unknown_key(path);
  if (place->section->items) {
    const auto error = find_name_error(settings, *place->section, place->item);
    if (error) return quoted(place->item) + " in " + path.substr(0, compared_size) + " " + *error;
  }
  if (place->key->set(settings, place->item, value)) return std::nullopt;
  return quoted(value) + " is no value for " + path + ": it takes " + place->key->accepts;
}

std::optional<std::string> name_item(settings& settings, const section& section, const std::string& name) {
  const auto error = find_name_error(settings, section, name);
  if (error) return quoted(name) + " below " + section.name + " " + *error;
  section.items->add(settings, name);
  return std::nullopt;
}

std::string nearest_path(const std::string& path) {
  const auto written = path.substr(0, compared_size);
  // Whoever leaves the section out has the last word right, and who leaves the end out has all before it.
  const auto score = [&](const std::string& known) {
    if (!written.empty() && known.starts_with(written)) return std::size_t{1};
    return std::min(distance(known, written), 1 + distance(known.substr(known.rfind('.') + 1), written));
  };
  const auto paths = candidates(written);
  return *std::ranges::min_element(paths, {}, score);
}

std::string unknown_key(const std::string& path) {
  if (const auto* section = find_section(path); section != nullptr && !path.empty()) {
    const auto item = section->items ? section->items->example : "";
    return quoted(path) + " is no key but a section: did you mean '" +
           path_of(*section, item, section->keys.front().name) + "'?";
  }
  return "unknown key " + quoted(path) + ": did you mean '" + nearest_path(path) + "'?";
}

std::string unknown_section(const std::string& name) {
  const auto written = name.substr(0, compared_size);
  const auto nearest = std::ranges::min_element(table().begin() + 1, table().end(), {},
                                                [&](const section& known) { return distance(known.name, written); });
  return "unknown section " + quoted(name) + ": did you mean '" + nearest->name + "'?";
}

}  // namespace headgate::config
