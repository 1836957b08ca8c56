#include "config/reload.hpp"

#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "config/table.hpp"
#include "config/value.hpp"

namespace headgate::config {

namespace {

using values = std::map<std::string, std::string>;

values values_of(const settings& settings) {
  values values;
  for (const auto& place : places_of(settings)) values[place.path()] = place.key->show(settings, place.item);
  return values;
}

std::optional<std::string> find(const values& values, const std::string& path) {
  const auto found = values.find(path);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::string sentence_of(const std::string& path, const std::optional<std::string>& before,
                        const std::optional<std::string>& after, bool counts) {
  if (!after) return path + " stays " + quoted(*before) + " until a restart, which takes it away";
  if (!before) return path + " is new, and " + quoted(*after) + " after a restart";
  if (counts) return path + " is " + quoted(*after) + " from now on; it was " + quoted(*before);
  return path + " stays " + quoted(*before) + " until a restart makes it " + quoted(*after);
}

// "listeners.tcp" of "listeners.tcp.port"; empty for a key of no item.
std::string item_of(const place& place) {
  return place.section->items ? place.section->name + "." + place.item : "";
}

// The items of which a key changes that counts after a restart only, those that come or go among them.
std::set<std::string> waiting_items(const std::vector<place>& places, const values& before, const values& after) {
  std::set<std::string> waiting;
  for (const auto& place : places) {
    const auto was = find(before, place.path());
    const auto is = find(after, place.path());
    const bool waits = !was || !is || (was != is && place.key->changes == changes::at_restart);
    if (waits && place.section->items) waiting.insert(item_of(place));
  }
  return waiting;
}

void check_together(const settings& settings) {
  try {
    check(settings);
  } catch (const settings_error& error) {
    std::string sentences;
    std::istringstream lines(error.what());
    for (std::string line; std::getline(lines, line);) sentences += line + "\n";
    throw settings_error(sentences +
                         "that is so until a restart: what may change now does not go with what waits for one");
  }
}

}  // namespace

reload plan_reload(const settings& in_force, const settings& next) {
  reload plan{in_force, {}};
  const auto before = values_of(in_force);
  const auto after = values_of(next);
  // Of items that are gone the keys come last.
  auto places = places_of(next);
  for (const auto& place : places_of(in_force)) {
    if (!after.contains(place.path())) places.push_back(place);
  }
  const auto waiting = waiting_items(places, before, after);
  for (const auto& place : places) {
    const auto path = place.path();
    const auto was = find(before, path);
    const auto is = find(after, path);
    if (was == is) continue;
    const bool counts = place.key->changes == changes::at_reload && !waiting.contains(item_of(place));
    if (counts) place.key->set(plan.settings, place.item, *is);
    plan.changes.push_back({path, was.value_or(""), is.value_or(""), counts, sentence_of(path, was, is, counts)});
  }
  check_together(plan.settings);
  return plan;
}

}  // namespace headgate::config
