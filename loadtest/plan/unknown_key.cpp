#include <algorithm>

#include "config/nearest.hpp"
#include "config/value.hpp"
#include "loadtest/plan/plan_reader.hpp"

namespace headgate::loadtest::plan {

namespace {

// Names that are longer are near to nothing, and comparing them would take long.
constexpr std::size_t compared_size = 40;

// "publish" of "groups.NAME.publish" in "groups.NAME"; nothing if it is no section directly below.
std::string name_below(const std::string& section, const std::string& path) {
  if (path.empty() || path == "groups.NAME") return {};
  const auto dot = path.rfind('.');
  const auto parent = dot == std::string::npos ? "" : path.substr(0, dot);
  return parent == section ? path.substr(dot == std::string::npos ? 0 : dot + 1) : "";
}

// What can stand in a section.
std::vector<std::string> names_in(const key_section& section) {
  std::vector<std::string> names;
  for (const auto& key : section.keys) names.push_back(key.name);
  if (section.path.empty()) names.push_back("groups");
  for (const auto& other : key_sections()) {
    const auto name = name_below(section.path, other.path);
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

bool has_key(const key_section& section, const std::string& name) {
  return std::ranges::find(section.keys, name, &plan_key::name) != section.keys.end();
}

// As keys are written here: "client_id" of "Client-Id".
std::string as_key(std::string text) {
  std::ranges::transform(text, text.begin(), [](char letter) {
    if (letter == '-' || letter == ' ') return '_';
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return text;
}

// What other programs call a key of ours.
std::string other_name_for(const std::string& section, const std::string& written) {
  struct alias {
    std::string_view section;
    std::string_view written;
    std::string_view name;
  };
  static constexpr alias aliases[] = {
      {"groups.NAME.publish", "size", "payload"},
      {"groups.NAME.publish", "payload_size", "payload"},
      {"groups.NAME.publish", "message_size", "payload"},
      {"groups.NAME.subscribe", "topic", "filters"},
      {"groups.NAME", "count", "clients"},
      {"groups.NAME", "id", "client_id"},
      {"groups.NAME", "username", "user"},
      {"tls", "cafile", "ca"},
      {"tls", "cert", "certificate"},
      {"tls", "certfile", "certificate"},
      {"tls", "keyfile", "key"},
      {"tls", "sni", "server_name"},
      {"", "host", "targets"},
      {"", "server", "targets"},
  };
  for (const auto& each : aliases) {
    if (each.section == section && each.written == written) return std::string(each.name);
  }
  return {};
}

// A slip of the finger: a letter in three is another one, or the letters are in another order.
bool is_near(std::string name, std::string written) {
  const auto far = config::distance(name, written);
  if (far <= std::max<std::size_t>(1, name.size() / 3)) return true;
  std::ranges::sort(name);
  std::ranges::sort(written);
  return far <= 2 && name == written;
}

// "'a', 'b' or 'c'"
std::string any_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t n = 0; n < names.size(); ++n) {
    if (n > 0) text += n + 1 == names.size() ? " or " : ", ";
    text += "'" + names[n] + "'";
  }
  return text;
}

}  // namespace

std::string unknown_key(const key_section& section, const std::string& written) {
  const auto said = "there is no key " + config::quoted(written) + " here";
  const auto names = names_in(section);
  const auto start = as_key(written.substr(0, compared_size));
  const auto said_otherwise = other_name_for(section.path, start);
  if (!said_otherwise.empty()) return said + ": did you mean '" + said_otherwise + "'?";
  const auto far = [&](const std::string& name) { return config::distance(name, start); };
  const auto nearest = *std::ranges::min_element(names, {}, far);
  if (is_near(nearest, start)) return said + ": did you mean '" + nearest + "'?";
  std::vector<std::string> homes;
  for (const auto& other : key_sections()) {
    if (has_key(other, start)) homes.push_back(other.path.empty() ? "the top" : other.path);
  }
  if (!homes.empty()) return said + ": it belongs below " + any_of(homes);
  return said + ": there can be " + any_of(names);
}

}  // namespace headgate::loadtest::plan
