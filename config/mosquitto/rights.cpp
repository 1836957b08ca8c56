#include "config/mosquitto/rights.hpp"

namespace headgate::config::mosquitto {

bool is_local_only(const draft& draft) {
  return draft.listeners.size() == 1 && !draft.listeners.front().is_addressed;
}

bool lets_this_machine_in(const draft& draft, const old_listener& listener) {
  return is_local_only(draft) && !listener.security.allow_anonymous;
}

bool is_stricter_than_mosquitto(const draft& draft, const old_listener& listener) {
  const auto& of_all = draft.security;
  return lets_this_machine_in(draft, listener) && of_all.password_file && !of_all.allow_anonymous.value_or(true);
}

rights rights_of(const draft& draft, const old_listener& listener) {
  const auto& own = listener.security;
  const auto& of_all = draft.security;
  rights rights;
  const auto& decides = draft.per_listener_settings || own.allow_anonymous ? own : of_all;
  const bool asks_nobody = lets_this_machine_in(draft, listener) && !is_stricter_than_mosquitto(draft, listener);
  rights.anonymous = asks_nobody || decides.allow_anonymous.value_or(false);
  rights.decided_by = decides.anonymous_at;
  if (asks_nobody) {
    rights.anonymous_at = "no line opens a listener: mosquitto lets anybody on this machine in";
  } else if (decides.anonymous_at) {
    rights.anonymous_at =
        to_string(*decides.anonymous_at) + ": allow_anonymous " + (*decides.allow_anonymous ? "true" : "false");
  } else {
    rights.anonymous_at = "allow_anonymous is false where no line sets it";
  }
  const auto either = [](const auto& a, const auto& b) { return a ? a : b; };
  rights.has_users = (draft.per_listener_settings ? own : of_all).password_file.has_value();
  rights.password_file = either(own.password_file, of_all.password_file);
  rights.acl_file = either(own.acl_file, of_all.acl_file);
  rights.plugin = either(own.plugin, of_all.plugin);
  return rights;
}

}  // namespace headgate::config::mosquitto
