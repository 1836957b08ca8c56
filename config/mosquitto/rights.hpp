#pragma once

#include <optional>
#include <string>

#include "config/mosquitto/draft.hpp"

namespace headgate::config::mosquitto {

// Whom mosquitto let in at a listener, and what for.
struct rights {
  bool anonymous = false;    // who gives no user name
  std::string anonymous_at;  // what says so
  std::optional<place> decided_by;
  bool has_users = false;  // mosquitto looks at its password file
  // What restricts somebody, whether or not mosquitto looks at it there: somebody wanted it.
  std::optional<option_line> password_file, acl_file, plugin;
};
rights rights_of(const draft& draft, const old_listener& listener);

// Without a listener, a port or an address in the file mosquitto 2 serves this machine only.
bool is_local_only(const draft& draft);
// Whether it lets in anybody on this machine: mosquitto looks at no allow_anonymous there but at the listener's own.
bool lets_this_machine_in(const draft& draft, const old_listener& listener);
// The same, and somebody wanted users and nobody else: we do as he wanted.
bool is_stricter_than_mosquitto(const draft& draft, const old_listener& listener);

}  // namespace headgate::config::mosquitto
