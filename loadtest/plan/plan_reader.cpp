#include "loadtest/plan/plan_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "config/value.hpp"
#include "loadtest/plan/kind.hpp"

namespace headgate::loadtest::plan {

namespace {

using config::quoted;
using shape = yaml_node::kind;

std::string joined(const std::string& path, const std::string& key) {
  return path + (path.empty() || key.empty() ? "" : ".") + key;
}

// "groups.sensors" of "groups.sensors.publish.rate", and "measure" of "measure.stall".
std::string part_of(const std::string& path) {
  const auto first = path.find('.');
  if (!path.starts_with("groups.")) return path.substr(0, first);
  return path.substr(0, path.find('.', first + 1));
}

bool is_name(const std::string& text) {
  const auto is_good = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '-' || letter == '_';
  };
  return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, is_good);
}

std::string shown(const yaml_node& node) {
  switch (node.what) {
    case shape::scalar:
      return "the value " + quoted(node.text);
    case shape::list:
      return "a list";
    case shape::map:
      return "keys below it";
    case shape::null:
    case shape::said:
      break;
  }
  return "nothing";
}

}  // namespace

void plan_reader::add_problem(int line, const std::string& path, const std::string& sentence) {
  refused_.insert(part_of(path));
  const auto where = line == 0 ? name_ : name_ + ":" + std::to_string(line);
  problems_.add(where, path.empty() ? sentence : path + ": " + sentence);
}

int plan_reader::line_of(std::string path) const {
  for (;;) {
    const auto found = lines_.find(path);
    if (found != lines_.end()) return found->second;
    if (path.empty()) return 1;  // the plan as a whole
    const auto dot = path.rfind('.');
    path = dot == std::string::npos ? "" : path.substr(0, dot);
  }
}

void plan_reader::read(const yaml_node& root) {
  read_section(root, *find_section(""), "", {&plan_, nullptr, nullptr});
  resolve_events();
}

void plan_reader::read_section(const yaml_node& node, const key_section& section, const std::string& path, place at) {
  if (node.what == shape::said) {
    refused_.insert(part_of(path));
    return;
  }
  if (node.what != shape::map && node.what != shape::null) {
    return add_problem(node.line, path,
                       "it takes keys below it, such as '" + section.keys.front().name + "', and not " + shown(node));
  }
  if (!path.empty()) lines_.emplace(path, node.line);
  if (section.enter) section.enter(at);
  for (const auto& child : node.children) read_child(child, section, path, at);
  find_missing(node, section, path);
}

void plan_reader::read_child(const yaml_node& child, const key_section& section, const std::string& path, place& at) {
  const auto child_path = joined(path, child.key);
  const auto key = std::ranges::find(section.keys, child.key, &plan_key::name);
  if (key != section.keys.end()) return read_value(child, *key, child_path, at);
  if (section.path.empty() && child.key == "groups") return read_groups(child);
  if (section.path.empty() && child.key == "events") return read_events(child);
  // One key is one level: "groups.NAME.publish" as a key names no section, though a section has that path.
  const bool is_one_level = !child.key.empty() && child.key.find('.') == std::string::npos;
  const auto* below = is_one_level ? find_section(joined(section.path, child.key)) : nullptr;
  if (below != nullptr && below->path != "groups.NAME") return read_section(child, *below, child_path, at);
  // A key that cannot be read has been told.
  if (child.what == shape::said && child.key.empty()) {
    refused_.insert(part_of(path));
    return;
  }
  add_problem(child.line, path, unknown_key(section, child.key));
}

void plan_reader::read_value(const yaml_node& node, const plan_key& key, const std::string& path, place& at) {
  lines_.emplace(path, node.line);
  if (node.what == shape::list && key.is_list) {
    if (node.children.empty()) return add_problem(node.line, path, "the list is empty: it takes " + key.accepts);
    key.clear(at);
    for (const auto& item : node.children) set_value(item, key, path, at);
    return;
  }
  if (key.is_list && node.what == shape::scalar) key.clear(at);
  set_value(node, key, path, at);
}

void plan_reader::set_value(const yaml_node& node, const plan_key& key, const std::string& path, place& at) {
  if (node.what == shape::said) {
    refused_.insert(part_of(path));
  } else if (node.what == shape::null) {
    add_problem(node.line, path, "it has no value: it takes " + key.accepts);
  } else if (node.what != shape::scalar) {
    const auto* list = key.is_list ? ", or a list of them" : "";
    add_problem(node.line, path, "it takes " + key.accepts + list + ", and not " + shown(node));
  } else if (!key.set(at, node.text)) {
    add_problem(node.line, path, refusal("it", node.text, key.accepts));
  }
}

void plan_reader::read_groups(const yaml_node& node) {
  lines_.emplace("groups", node.line);
  if (node.what == shape::said) {
    refused_.insert("groups");
    return;
  }
  if (node.what != shape::map && node.what != shape::null)
    return add_problem(node.line, "groups",
                       "it takes names of groups below it, each with keys below it, and not " + shown(node));
  for (const auto& child : node.children) {
    if (problems_.full()) return;
    const auto path = "groups." + child.key;
    if (!is_name(child.key)) {
      if (child.what != shape::said || !child.key.empty())
        add_problem(child.line, "groups",
                    quoted(child.key) + " is no name: a group's name is of 1 to 32 letters, digits, '-' and '_'");
      refused_.insert("groups");
      continue;
    }
    if (plan_.groups.size() == max_groups)
      return add_problem(child.line, "groups", "there can be " + std::to_string(max_groups) + " groups at most");
    auto& group = plan_.groups.emplace_back();
    group.name = child.key;
    read_section(child, *find_section("groups.NAME"), path, {&plan_, &group, nullptr});
  }
}

void plan_reader::read_events(const yaml_node& node) {
  lines_.emplace("events", node.line);
  if (node.what == shape::said || node.what == shape::null) return;
  if (node.what != shape::list)
    return add_problem(
        node.line, "events",
        "it takes a list, as in '- { at: 30s, group: sensors, disconnect: 30% }', and not " + shown(node));
  for (const auto& child : node.children) {
    const auto path = "events." + std::to_string(drafts_.size());
    auto& draft = drafts_.emplace_back();
    read_section(child, *find_section("events"), path, {&plan_, nullptr, &draft});
  }
}

void plan_reader::find_missing(const yaml_node& node, const key_section& section, const std::string& path) {
  for (const auto& key : section.keys) {
    const bool is_there = std::ranges::find(node.children, key.name, &yaml_node::key) != node.children.end();
    if (key.is_required && !is_there)
      add_problem(node.line, path, "the key '" + key.name + "' is missing: it takes " + key.accepts);
  }
}

void plan_reader::resolve_events() {
  for (std::size_t number = 0; number < drafts_.size(); ++number) {
    auto& draft = drafts_[number];
    const auto found = std::ranges::find(plan_.groups, draft.group, &core::group::name);
    if (found == plan_.groups.end() && !draft.group.empty()) {
      const auto path = "events." + std::to_string(number) + ".group";
      std::string names;
      for (const auto& group : plan_.groups) names += (names.empty() ? "" : ", ") + group.name;
      if (names.size() > 200) names = names.substr(0, 200) + "…";
      add_problem(line_of(path), path,
                  "there is no group " + quoted(draft.group) + (names.empty() ? "" : ": there are " + names));
    }
    draft.event.group = static_cast<std::uint32_t>(found - plan_.groups.begin());
    plan_.events.push_back(draft.event);
  }
}

void plan_reader::add_conflicts(const std::vector<conflict>& conflicts) {
  const bool is_clean = problems_.empty();
  for (const auto& conflict : conflicts) {
    const auto part = part_of(conflict.path);
    const bool is_of_one_part = part.starts_with("groups.") || part == "measure";
    if (!is_clean && (!is_of_one_part || refused_.contains(part))) continue;
    add_problem(line_of(conflict.path), conflict.path, conflict.sentence);
  }
}

}  // namespace headgate::loadtest::plan
