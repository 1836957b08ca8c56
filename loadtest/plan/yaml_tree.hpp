#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.hpp"

namespace headgate::loadtest::plan {

// What a file says, with its lines. Anchors, tags, keys that are there twice and texts of several lines are refused
// (config/yaml_events.hpp says why).
struct yaml_node {
  // `said`: there is a problem, and it has been told.
  enum class kind : std::uint8_t { said, null, scalar, list, map };

  kind what = kind::null;
  int line = 0;                       // from 1; of its key, where it has one
  std::string key{};                  // in a map
  std::string text{};                 // of a scalar
  std::vector<yaml_node> children{};  // of a list or map
};

// Where text of a problem begins: "FILE:LINE". A tree whose root is null or a map; empty if the text is no YAML.
yaml_node read_yaml_tree(std::string_view text, const std::string& name, config::problems& problems);

}  // namespace headgate::loadtest::plan
