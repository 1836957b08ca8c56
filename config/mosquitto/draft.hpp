#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/printable.hpp"
#include "config/mosquitto/option_line.hpp"

namespace headgate::config::mosquitto {

// What became of a line, the worst first.
enum class fate : std::uint8_t {
  changes_behaviour,  // left out or only nearly the same, and clients or operators can tell
  translated,
  same_by_default,  // Headgate does so without being told
  harmless,         // no counterpart, and nobody will miss it
};

struct finding {
  mosquitto::fate fate = fate::harmless;
  place where;
  std::string subject;  // "listener 8883", "password_file"
  std::string what;     // a sentence: why, and what Headgate does instead
  std::string by_hand;  // what is left to do; lines; empty: nothing
};

// Who is let in, of all listeners or of one (per_listener_settings).
struct security {
  std::optional<bool> allow_anonymous;
  std::optional<place> anonymous_at;
  std::optional<option_line> password_file;
  std::optional<option_line> acl_file;
  std::optional<option_line> plugin;  // the first
};

// Why Headgate cannot serve a listener as mosquitto did, such as TLS.
struct obstacle {
  place where;
  std::string kind;  // one word, once a listener: "tls"
  std::string why;
  std::string by_hand;
};

struct old_listener {
  place where;                // of its line "listener"; for the default one that of its first option
  bool is_default = true;     // rather than opened by a line "listener"
  bool is_addressed = false;  // its address or port is in the file
  std::uint16_t port = 1883;
  std::string host;  // empty: every address
  std::string unix_path;
  bool tls = false;
  // Lines about TLS by the names of their options, the last of each: "certfile".
  std::map<std::string, option_line> tls_options;
  bool websockets = false;
  std::optional<option_line> max_connections;
  mosquitto::security security;
  std::vector<obstacle> obstacles;
  std::vector<place> absorbed;  // lines of which the obstacles speak
};

struct old_bridge {
  place where;
  std::string name;
  std::vector<option_line> lines;
};

// One line of the YAML: its key, such as "limits.max_inflight", and where it came from.
struct new_setting {
  std::string value;
  std::string comment;
};

// A mosquitto.conf on its way to becoming settings of Headgate. The handlers of options fill it, line by line.
struct draft {
  std::vector<old_listener> listeners = std::vector<old_listener>(1);  // the first is mosquitto's default listener
  mosquitto::security security;                                        // of all listeners
  bool per_listener_settings = false;
  std::vector<old_bridge> bridges;
  // The blocks that stand open, a reading of a file: positions in `listeners` and `bridges`.
  std::map<std::size_t, std::size_t> open_listener;
  std::map<std::size_t, std::size_t> open_bridge;
  std::optional<option_line> clientid_prefixes;
  std::optional<option_line> global_max_connections;
  std::optional<option_line> max_packet_size;
  std::optional<option_line> message_size_limit;
  // All lines, those that do not count as well.
  std::vector<option_line> anonymous_lines;  // allow_anonymous
  std::vector<option_line> users_lines;      // password_file
  std::vector<option_line> rights_lines;     // acl_file
  std::vector<option_line> log_types;
  std::vector<finding> findings;
  std::map<std::string, new_setting> settings;  // by key

  old_listener& listener_of(const option_line& line) { return listeners[open_listener[line.reading]]; }
  mosquitto::security& security_of(const option_line& line) {
    return per_listener_settings ? listener_of(line).security : security;
  }
};

void add_finding(draft& draft, fate fate, const option_line& line, std::string what, std::string by_hand = "");
// A setting of Headgate, and the finding that says so. `note` goes on after "limits.max_inflight: 7".
void add_setting(draft& draft, const option_line& line, const std::string& key, const std::string& value,
                 const std::string& note = "");
void add_obstacle(old_listener& listener, const option_line& line, std::string kind, std::string why,
                  std::string by_hand);

// Keeps a line of which the last one counts.
void keep_last(draft& draft, std::optional<option_line>& kept, const option_line& line);

// The values of a line, checked: these throw import_error with file and line.
bool flag_of(const option_line& line);
std::int64_t number_of(const option_line& line);
const std::string& text_of(const option_line& line);  // not empty

using base::printable;

}  // namespace headgate::config::mosquitto
