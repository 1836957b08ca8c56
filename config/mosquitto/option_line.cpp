#include "config/mosquitto/option_line.hpp"

#include <algorithm>
#include <cctype>

namespace headgate::config::mosquitto {

namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";
constexpr std::string_view ending = ".conf";

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

int upper(char letter) {
  return std::toupper(static_cast<unsigned char>(letter));
}

// mosquitto's order of included files: by letter, and of one letter the upper case first.
bool comes_before(const std::string& a, const std::string& b) {
  return std::ranges::lexicographical_compare(a, b, [](char left, char right) {
    return upper(left) != upper(right) ? upper(left) < upper(right) : left < right;
  });
}

std::vector<std::string> files_in(const std::string& directory, const place& where, file_source& files) {
  std::vector<std::string> names;
  try {
    names = files.names_in(directory);
  } catch (const import_error& error) {
    fail_at(where, "include_dir: " + std::string(error.what()));
  }
  std::erase_if(names, [](const std::string& name) { return name.size() <= ending.size() || !name.ends_with(ending); });
  std::ranges::sort(names, comes_before);
  for (auto& name : names) name = directory + (directory.ends_with('/') ? "" : "/") + name;
  return names;
}

struct reader {
  file_source& files;
  std::vector<option_line> options;
  std::size_t readings = 0;

  void read(const std::string& path, bool follows) {
    const auto content = files.read(path);
    const auto reading = readings++;
    std::uint32_t number = 0;
    for (std::size_t begin = 0; begin < content.size();) {
      const auto end = std::min(content.find('\n', begin), content.size());
      const auto line = trim(std::string_view(content).substr(begin, end - begin));
      begin = end + 1;
      ++number;
      if (line.empty() || line.starts_with('#')) continue;
      add({path, number}, reading, line);
      if (!follows || options.back().name != "include_dir") continue;
      const auto include = options.back();
      if (include.value.empty()) fail_at(include.where, "include_dir names no directory");
      for (const auto& file : files_in(include.value, include.where, files)) read(file, false);
    }
  }

  void add(const place& where, std::size_t reading, std::string_view line) {
    if (line.find('\0') != std::string_view::npos) fail_at(where, "there is a zero byte: this is no mosquitto.conf");
    const auto end = std::min(line.find_first_of(blanks), line.size());
    options.push_back({where, reading, std::string(line.substr(0, end)), std::string(trim(line.substr(end)))});
  }
};

}  // namespace

std::string to_string(const place& where) {
  return where.line == 0 ? where.file : where.file + ":" + std::to_string(where.line);
}

void fail_at(const place& where, const std::string& why) {
  throw import_error(to_string(where) + ": " + why);
}

std::vector<option_line> read_options(const std::string& path, file_source& files) {
  reader reader{files, {}};
  reader.read(path, true);
  return std::move(reader.options);
}

std::vector<std::string> words(std::string_view value) {
  std::vector<std::string> found;
  for (std::size_t at = 0; (at = value.find_first_not_of(blanks, at)) != std::string_view::npos;) {
    const auto end = std::min(value.find_first_of(blanks, at), value.size());
    found.emplace_back(value.substr(at, end - at));
    at = end;
  }
  return found;
}

std::string first_word(std::string_view value) {
  auto all = words(value);
  return all.empty() ? "" : std::move(all.front());
}

}  // namespace headgate::config::mosquitto
