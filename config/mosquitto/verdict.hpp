#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/mosquitto/draft.hpp"

namespace headgate::config::mosquitto {

// A listener of the YAML, or one that it names in a comment.
struct new_listener {
  std::string name;        // as in listeners.NAME
  std::size_t origin = 0;  // its place in draft::listeners
  std::string bind;
  std::uint16_t port = 0;
  bool anonymous_allowed = false;         // written only where it matters: on other addresses than loopback
  std::string comment;                    // where it came from
  std::string anonymous_comment;          // where the permission came from
  std::vector<std::string> left_out_for;  // why it is a comment; empty: it is served
};

struct verdict {
  std::vector<new_listener> listeners;
  std::vector<finding> findings;
};

// Decides which listeners stay. One rule: Headgate never lets in whom mosquitto refused for who he is or where he comes
// from. A listener that asks for user names, checks rights or certificates, stands behind a proxy, or speaks what
// Headgate does not, is left out and stands in a comment. Whom mosquitto refused for how he speaks (no client id,
// another version of MQTT) or because there were too many is let in within Headgate's own limits, and the report says
// so under "CHANGES BEHAVIOUR". If none stays, there is one on 127.0.0.1 with a port that none of them had, so that
// whatever passes connections on to an old port on this machine reaches nobody.
verdict judge_listeners(const draft& draft);

// The first port from `from` on that is not among them.
std::uint16_t unused_port(const std::set<std::uint16_t>& used, std::uint16_t from = 1883);

// What remains of the bridges, for a Headgate with these listeners.
std::vector<finding> judge_bridges(const draft& draft, const std::vector<new_listener>& listeners);

// Gives the admin listener another port where a listener that is served has its own.
void settle_admin(draft& draft, const std::vector<new_listener>& listeners);

// Limits and logging that several lines decide together.
void settle_limits(draft& draft, const std::vector<new_listener>& listeners);
void settle_logging(draft& draft);

}  // namespace headgate::config::mosquitto
