#include <sstream>

#include "config/pages.hpp"
#include "config/table.hpp"

namespace headgate::config {

namespace {

constexpr std::size_t column_limit = 100;

// As YAML's double quotes take it.
std::string in_double_quotes(const std::string& text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + "\"";
}

// Comment lines that end before the limit.
void add_comment(std::string& page, const std::string& indent, const std::string& text) {
  std::istringstream words(text);
  std::string line = indent + "#";
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > column_limit) {
      page += line + "\n";
      line = indent + "#";
    }
    line += " " + word;
  }
  page += line + "\n";
}

void add_keys(std::string& page, const std::string& indent, const section& section, const std::string& item) {
  const settings defaults;
  for (const auto& key : section.keys) {
    add_comment(page, indent, key.help + ". Takes " + key.accepts + ".");
    const auto value = key.show(defaults, item);
    page += indent + key.name + ": " + (key.is_text ? in_double_quotes(value) : value) + "\n";
  }
}

// Ready to be used: without the '#' and the blank after it, and in the place of the listener above.
constexpr auto listener_with_users =
    R"(  # With TLS and users, reachable from other machines ('headgate passwd add NAME --file FILE' writes the
  # file of users, 'headgate cert dev' certificates for trying):
  # tls:
  #   bind: 0.0.0.0
  #   port: 8883
  #   transport: tls
  #   certificate: "/etc/headgate/server.pem"
  #   key: "/etc/headgate/server.key"
  # and below auth:
  #   password_file: "/etc/headgate/users"
)";

}  // namespace

std::string example_file() {
  std::string page;
  add_comment(page, "",
              "The configuration of Headgate. Each key is here with its default value, so that all of them can be left "
              "out. What is here is overruled by HEADGATE_... in the environment, and that by --set. 'headgate config "
              "check --config FILE' says whether a file is good.");
  for (const auto& section : table()) {
    page += "\n";
    if (section.name.empty()) {
      add_keys(page, "", section, "");
      continue;
    }
    add_comment(page, "", section.help);
    page += section.name + ":\n";
    if (section.items) {
      add_comment(page, "  ",
                  "By names of your own. Once one is named, only those that are named are there. The default is the " +
                      section.items->one + " '" + section.items->example + "'.");
      page += "  " + section.items->example + ":\n";
      add_keys(page, "    ", section, section.items->example);
      if (section.name == "listeners") page += listener_with_users;
    } else {
      add_keys(page, "  ", section, "");
    }
  }
  return page;
}

}  // namespace headgate::config
