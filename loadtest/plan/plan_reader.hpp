#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/problems.hpp"
#include "loadtest/plan/check_plan.hpp"
#include "loadtest/plan/keys.hpp"
#include "loadtest/plan/yaml_tree.hpp"

namespace headgate::loadtest::plan {

// Applies the tree of a file to a plan, key by key. Problems are told as they are found.
class plan_reader {
 public:
  plan_reader(core::plan& plan, std::string name, config::problems& problems)
      : plan_(plan), name_(std::move(name)), problems_(problems) {}

  void read(const yaml_node& root);
  // What find_conflicts() says, where it is no consequence of a problem that has been told.
  void add_conflicts(const std::vector<conflict>& conflicts);
  // Whether the file gives that key, or has that section.
  bool has(const std::string& path) const { return lines_.contains(path); }

 private:
  void add_problem(int line, const std::string& path, const std::string& sentence);
  void read_section(const yaml_node& node, const key_section& section, const std::string& path, place at);
  void read_child(const yaml_node& child, const key_section& section, const std::string& path, place& at);
  void read_value(const yaml_node& node, const plan_key& key, const std::string& path, place& at);
  void set_value(const yaml_node& node, const plan_key& key, const std::string& path, place& at);
  void read_groups(const yaml_node& node);
  void read_events(const yaml_node& node);
  void find_missing(const yaml_node& node, const key_section& section, const std::string& path);
  void resolve_events();
  // Of a key, or of the nearest section above it that the file has.
  int line_of(std::string path) const;

  core::plan& plan_;
  std::string name_;
  config::problems& problems_;
  std::vector<event_draft> drafts_;
  std::map<std::string, int> lines_;  // of each key and section by its path
  std::set<std::string> refused_;     // parts with a problem: "groups.sensors", "measure", "events"
};

// "there is no key 'rat' here: did you mean 'rate'?"
std::string unknown_key(const key_section& section, const std::string& written);

}  // namespace headgate::loadtest::plan
