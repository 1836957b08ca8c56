#pragma once

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.hpp"

// Our files' way with YAML: what the parser would take in a way that nobody means is refused. Readers of its events
// share it.
namespace headgate::config {

// Thrown by a handler, through the parser: enough problems have been found, or the rest cannot be understood.
struct reading_ends {};

// "FILE:LINE"; a line counted from 1, or 0: not known.
std::string where_in(const std::string& name, int line);

// The line of a mark, counted from 1; 0: not known.
int line_of(const YAML::Mark& mark);

// Without the byte order mark, as parse_yaml() gives it to the parser: lines are counted in this.
std::string_view without_mark(std::string_view text);

// Gives all events of `text` to the handler. What is no text, no YAML, or indented with tabs is a problem.
void parse_yaml(std::string_view text, const std::string& name, YAML::EventHandler& handler, problems& problems);

// What is wrong with a value that carries a tag or an anchor.
std::optional<std::string> find_extra(const std::string& tag, YAML::anchor_t anchor);

// The parser puts together what stands on several lines, and takes a text whose quotes never end: so one of them too
// few would make a value of the keys below.
class source_lines {
 public:
  // The text outlives this, and is without a byte order mark.
  explicit source_lines(std::string_view text);
  // What is wrong with a value that begins at the mark and does not end on its line.
  std::optional<std::string> find_several_lines(const YAML::Mark& mark, bool is_plain, const std::string& value) const;

 private:
  std::vector<std::string_view> lines_;
};

}  // namespace headgate::config
