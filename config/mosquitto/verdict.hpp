#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/mosquitto/draft.hpp"

namespace headgate::config::mosquitto {

// One of its lines.
struct new_key {
  std::string name;   // "certificate"
  std::string value;  // as YAML takes it
};

// The files of users and rights that Headgate has for all listeners; nothing: there is none.
struct shared_files {
  std::optional<option_line> users;
  std::optional<option_line> rights;
};

// A listener of the YAML, or one that it names in a comment.
struct new_listener {
  std::string name;        // as in listeners.NAME
  std::size_t origin = 0;  // its place in draft::listeners
  std::string bind;
  std::uint16_t port = 0;
  std::optional<bool> anonymous;          // written as allow or refuse only where it matters
  std::vector<new_key> keys;              // of TLS
  std::string comment;                    // where it came from
  std::string anonymous_comment;          // where the permission came from
  std::vector<std::string> left_out_for;  // why it is a comment; empty: it is served
};

struct verdict {
  std::vector<new_listener> listeners;
  shared_files files;
  std::vector<finding> findings;
};

// Decides which listeners stay. One rule: Headgate never lets in whom mosquitto refused for who he is or where he comes
// from. A listener whose users, rights or certificates Headgate cannot tell apart as mosquitto did, that stands behind
// a proxy, or that speaks what Headgate does not, is left out and stands in a comment. Whom mosquitto refused for how
// he speaks (no client id, another version of MQTT) or because there were too many is let in within Headgate's own
// limits, and the report says so under "CHANGES BEHAVIOUR". If none stays, there is one on 127.0.0.1 with a port that
// none of them had, so that whatever passes connections on to an old port on this machine reaches nobody.
verdict judge_listeners(const draft& draft);

// The first port from `from` on that is not among them.
std::uint16_t unused_port(const std::set<std::uint16_t>& used, std::uint16_t from = 1883);

// Why Headgate cannot do the TLS of a listener as mosquitto did, its keys if it can, and what is to be said of them.
std::vector<obstacle> tls_obstacles(const old_listener& listener);
std::vector<new_key> tls_keys(const old_listener& listener);
std::vector<finding> tls_findings(const old_listener& listener);
// Whether a client's verified certificate says who it is, so that it needs no password.
bool takes_names_of_certificates(const old_listener& listener);
// Whether the option is there and true.
bool is_set(const old_listener& listener, const std::string& flag);

// The settings of the files, and a finding for each line that names one.
void settle_auth(draft& draft, const verdict& verdict);

// What remains of the bridges, for a Headgate with these listeners.
std::vector<finding> judge_bridges(const draft& draft, const std::vector<new_listener>& listeners);

// Gives the admin listener another port where a listener that is served has its own.
void settle_admin(draft& draft, const std::vector<new_listener>& listeners);

// Limits and logging that several lines decide together.
void settle_limits(draft& draft, const std::vector<new_listener>& listeners);
void settle_logging(draft& draft);

}  // namespace headgate::config::mosquitto
