#include "config/field.hpp"
#include "config/sections.hpp"

namespace headgate::config {

section auth_section() {
  const auto is_any = [](const std::string&) { return true; };
  constexpr auto a_file = "the path of a file, or nothing";
  return plain_section<auth>(
      "auth", "Who may come in, and what they may do. The files are read again at every SIGHUP.",
      [](auto& settings) -> auto& { return settings.auth; },
      {
          text("password_file", &auth::password_file, is_any, a_file, changes::at_reload,
               "Users and the hashes of their passwords, as mosquitto_passwd and 'headgate passwd' write them; empty: "
               "no users, and no password is looked at"),
          text("acl_file", &auth::acl_file, is_any, a_file, changes::at_reload,
               "Rights to topics in mosquitto's format; empty: everybody may do everything but publish to $SYS"),
          choice("bind_client_id", &auth::bind_client_id, {{"false", false}, {"true", true}}, changes::at_restart,
                 "Whether a session is used again by the user who began it only"),
          choice("tell_reasons", &auth::tell_reasons, {{"false", false}, {"true", true}}, changes::at_restart,
                 "Whether an MQTT 5 client hears that its password (0x86) or a right (0x87) is wanting, or of an "
                 "unspecified error (0x80) only"),
          number("threads", &auth::threads, {1, 64}, changes::at_restart, "Threads that compute hashes of passwords"),
      });
}

}  // namespace headgate::config
