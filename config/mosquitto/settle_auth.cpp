#include <algorithm>

#include "config/mosquitto/verdict.hpp"
#include "config/mosquitto/write_yaml.hpp"

namespace headgate::config::mosquitto {

namespace {

// What is said of lines that name a file of one kind.
struct kind_of_file {
  std::string key;     // "auth.password_file"
  std::string of_one;  // what is said of one that no listener has
  std::string by_hand;
};

void settle(draft& draft, const std::vector<option_line>& lines, const std::optional<option_line>& chosen,
            const kind_of_file& kind) {
  const bool is_one_of_several =
      std::ranges::any_of(lines, [&](const option_line& line) { return chosen && line.value != chosen->value; });
  for (const auto& line : lines) {
    if (chosen && line.value == chosen->value) {
      const auto note = is_one_of_several ? ", for all listeners: Headgate has one such file" : "";
      draft.settings[kind.key] = {yaml_text(line.value), to_string(chosen->where) + ": " + line.name};
      draft.findings.push_back(
          {fate::translated, line.where, line.name, kind.key + ": " + printable(line.value) + note, kind.by_hand});
    } else {
      draft.findings.push_back({fate::changes_behaviour, line.where, line.name,
                                "Headgate does not read " + printable(line.value) + ": " + kind.of_one, ""});
    }
  }
}

}  // namespace

void settle_auth(draft& draft, const verdict& verdict) {
  settle(draft, draft.users_lines, verdict.files.users,
         {"auth.password_file", "no listener that is served asked for these users",
          "let whoever runs Headgate read the file: mosquitto's is often for the user mosquitto alone"});
  settle(draft, draft.rights_lines, verdict.files.rights,
         {"auth.acl_file", "no listener that is served had these rights", ""});
}

}  // namespace headgate::config::mosquitto
