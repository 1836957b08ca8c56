#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "loadtest/core/plan.hpp"

// Every key of a plan's file: what it takes, which member it sets, what it means. Reader, reference and tests go by
// this table.
namespace headgate::loadtest::plan {

struct event_draft {
  std::string group{};  // its name: the group may come later in the file
  core::disconnect_event event{};
};

// What the keys of a section set. `group` and `event` are there in sections below them.
struct place {
  core::plan* plan = nullptr;
  core::group* group = nullptr;
  event_draft* event = nullptr;
};

struct plan_key {
  std::string name;
  std::string accepts;   // continues "it takes "
  std::string help;      // a phrase that begins with a capital letter
  std::string fallback;  // its default value; empty: none
  bool is_list = false;  // takes a list as well; each item is set in turn
  bool is_required = false;
  // False: the value is refused, and nothing has changed.
  std::function<bool(place&, const std::string&)> set;
  std::function<void(place&)> clear;  // of a list: before its items
};

struct key_section {
  std::string path;  // as "groups.NAME.publish"; empty: at the top
  std::string help;
  std::vector<plan_key> keys;
  // The section is in the file, with or without keys.
  std::function<void(place&)> enter;
};

const std::vector<key_section>& key_sections();
const key_section* find_section(const std::string& path);

}  // namespace headgate::loadtest::plan
