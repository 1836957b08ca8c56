#include "config/mosquitto/write_yaml.hpp"

#include <algorithm>

namespace headgate::config::mosquitto {

namespace {

constexpr std::size_t comment_column = 34;

std::string with_comment(std::string line, const std::string& comment) {
  if (comment.empty()) return line + "\n";
  line.resize(std::max(line.size() + 1, comment_column), ' ');
  return line + "# " + printable(comment) + "\n";
}

// Addresses of IPv6 hold colons, which YAML would read as something else.
std::string quoted(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "\"" + address + "\"";
}

// Below its name, each a line.
std::vector<std::string> keys_of(const new_listener& listener) {
  std::vector<std::string> lines = {"bind: " + quoted(listener.bind), "port: " + std::to_string(listener.port)};
  for (const auto& [name, value] : listener.keys) lines.push_back(name + ": " + value);
  if (listener.anonymous) lines.push_back(*listener.anonymous ? "anonymous: allow" : "anonymous: refuse");
  return lines;
}

std::string served(const new_listener& listener) {
  auto text = with_comment("  " + listener.name + ":", listener.comment);
  for (const auto& line : keys_of(listener))
    text += with_comment("    " + line, line.starts_with("anonymous") ? listener.anonymous_comment : "");
  return text;
}

// Ready to be put back: without the '#' and the blank after it, its lines are where they belong.
std::string left_out(const new_listener& listener) {
  auto text = "  # Left out, " + printable(listener.comment) + ":\n";
  for (const auto& why : listener.left_out_for) text += "  #   " + printable(why) + "\n";
  text += "  # " + listener.name + ":\n";
  for (const auto& line : keys_of(listener)) text += "  #   " + line + "\n";
  return text;
}

}  // namespace

std::string yaml_text(const std::string& text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + "\"";
}

std::string write_yaml(const std::string& path, const std::vector<new_listener>& listeners,
                       const std::map<std::string, new_setting>& settings) {
  std::string text = "# Translated by headgate import from " + printable(path) +
                     ".\n# What has no counterpart is in the report that came with it; import again to read it.\n";
  text += "listeners:\n";
  for (const auto& listener : listeners) text += listener.left_out_for.empty() ? served(listener) : left_out(listener);
  std::string section;
  for (const auto& [key, setting] : settings) {
    const auto dot = key.find('.');
    if (key.substr(0, dot) != section) {
      section = key.substr(0, dot);
      text += section + ":\n";
    }
    text += with_comment("  " + key.substr(dot + 1) + ": " + setting.value, setting.comment);
  }
  return text;
}

}  // namespace headgate::config::mosquitto
