#include "config/load.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "config/conflicts.hpp"
#include "config/problems.hpp"
#include "config/table.hpp"
#include "config/value.hpp"

namespace headgate::config {

namespace {

void read_assignments(loaded& loaded, const std::vector<std::string>& assignments, problems& problems) {
  for (const auto& assignment : assignments) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) {
      problems.add("--set", quoted(assignment) + " is not of the form KEY=VALUE");
      continue;
    }
    const auto path = assignment.substr(0, equals);
    if (const auto error = apply(loaded.settings, path, assignment.substr(equals + 1))) {
      problems.add("--set", *error);
    } else {
      loaded.origins[path] = "--set";
    }
  }
}

// One of its keys was set by somebody, since the defaults go together.
std::string origin_of(const conflict& conflict, const origins& origins) {
  for (const auto& key : conflict.keys) {
    if (const auto found = origins.find(key); found != origins.end()) return found->second;
  }
  return conflict.keys.front();
}

}  // namespace

bool may_be_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

std::string file_of(const sources& sources) {
  if (sources.file) return *sources.file;
  const auto named = std::ranges::find(sources.environment, file_variable, &variables::value_type::first);
  if (named != sources.environment.end()) return named->second;
  return may_be_there(default_file) ? default_file : "";
}

loaded load(const sources& sources) {
  loaded loaded;
  loaded.file = file_of(sources);
  problems problems;
  if (!loaded.file.empty())
    read_yaml(loaded.settings, read_whole_file(loaded.file), loaded.file, loaded.origins, problems);
  read_environment(loaded.settings, sources.environment, loaded.origins, problems);
  read_assignments(loaded, sources.assignments, problems);
  // What keys say together is looked at when each of them is good: otherwise it may be about a default that the bad key
  // would have changed.
  if (problems.empty()) {
    for (const auto& conflict : find_conflicts(loaded.settings))
      problems.add(origin_of(conflict, loaded.origins), conflict.sentence);
  }
  if (!problems.empty()) throw settings_error(problems.text());
  return loaded;
}

}  // namespace headgate::config
