#include "cli/log_places.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "broker/log/log_identity.hpp"
#include "broker/log/segment.hpp"

namespace headgate::cli {

namespace fs = std::filesystem;
namespace log = broker::log;

namespace {

[[noreturn]] void refuse(const fs::path& path, const std::error_code& error) {
  if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted) {
    throw std::runtime_error(path.string() + " may not be read by user " + std::to_string(::geteuid()) +
                             ": run this as the user that Headgate runs as, or as root (sudo)");
  }
  throw std::runtime_error(path.string() + " cannot be read: " + error.message());
}

std::vector<fs::path> names_in(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> found;
  // Not a range: an error while it goes on must not be thrown without the sentence.
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    found.push_back(at->path());
  }
  if (error) refuse(directory, error);
  return found;
}

bool leads_down(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// A log has its identity, or, when that was lost, segments.
bool is_log(const std::vector<fs::path>& names) {
  return std::any_of(names.begin(), names.end(), [](const fs::path& path) {
    log::offset ignored;
    const auto name = path.filename().string();
    return name == log::identity_name || name == log::spare_name || log::parse_log_name(name, &ignored);
  });
}

// "CLUSTER/N" of the absolute path.
std::string name_of(const fs::path& path) {
  return (path.parent_path().filename() / path.filename()).string();
}

// Goes down as far as a data_dir has levels above its logs.
void add_logs(const fs::path& path, int levels, std::vector<log_place>& places) {
  const auto names = names_in(path);
  if (is_log(names)) return places.push_back({name_of(path), path.string()});
  if (levels == 0) return;
  for (const auto& name : names) {
    if (leads_down(name)) add_logs(name, levels - 1, places);
  }
}

}  // namespace

std::vector<log_place> find_logs(const std::string& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    throw std::runtime_error("there is no directory " + path +
                             ": give the data_dir of the server ('headgate config show' says where it is)");
  }
  if (error) refuse(path, error);
  if (status.type() != fs::file_type::directory) {
    throw std::runtime_error(path + " is no directory: give the data_dir of the server, or the directory of one log");
  }
  const auto absolute = fs::canonical(path, error);
  if (error) refuse(path, error);
  std::vector<log_place> places;
  // A data_dir has other directories as well, whose owner may be the only one to look into them.
  const auto of_data_dir = absolute / "log";
  const bool is_data_dir = leads_down(of_data_dir);
  add_logs(is_data_dir ? of_data_dir : absolute, 2, places);
  if (places.empty()) {
    throw std::runtime_error("there is no log in " + path +
                             ": it is no data_dir, or its server keeps messages in memory (log.commit)");
  }
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return places;
}

}  // namespace headgate::cli
