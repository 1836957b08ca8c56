#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/mosquitto/translate.hpp"

namespace headgate::config::mosquitto::tests {

// Files that a test makes up, by path.
class made_up_files final : public file_source {
 public:
  made_up_files() = default;
  explicit made_up_files(std::string main) { files["mosquitto.conf"] = std::move(main); }

  std::string read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) throw import_error(path + " cannot be read");
    return found->second;
  }
  std::vector<std::string> names_in(const std::string& directory) override {
    const auto prefix = directory + (directory.ends_with('/') ? "" : "/");
    std::vector<std::string> names;
    for (const auto& [path, content] : files) {
      if (path.starts_with(prefix)) names.push_back(path.substr(prefix.size()));
    }
    if (names.empty()) throw import_error(directory + " cannot be read");
    return names;
  }

  std::map<std::string, std::string> files;
};

}  // namespace headgate::config::mosquitto::tests
