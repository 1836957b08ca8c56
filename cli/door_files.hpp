#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "net/tls_context.hpp"
#include "proxy/auth/acl.hpp"
#include "proxy/auth/password_file.hpp"

namespace headgate::cli {

// Who may come in, what they may do, and what we show them, read from the files that the settings name. A plain value
// of things that never change: shared by all workers.
struct door_files {
  std::shared_ptr<const proxy::auth::password_file> users;   // null: there is no password file
  std::shared_ptr<const proxy::auth::acl> rules;             // null: there is no ACL file
  std::string rules_text;                                    // of which they were made
  std::vector<std::shared_ptr<const net::tls_context>> tls;  // by listener; null: it speaks plain
};

// Reads all, or none. Throws settings_error: a line for each thing that is wrong, with file and line. `before` is what
// was read of the same listeners until now, if anything: its session tickets stay good, and its rules are the same
// object if nothing has changed.
door_files read_door_files(const config::settings& settings, const door_files* before = nullptr);

// "3 users, 12 rules, 1 listener with TLS"; empty: there are no files.
std::string summary_of(const door_files& files);

// What is not as it should be in files that are good all the same, such as a certificate that has expired or soon will.
// A line each, for the log.
std::vector<std::string> warnings_of(const config::settings& settings, const door_files& files);

// The users whose passwords are others now, or who are gone.
std::vector<std::string> changed_users(const door_files& before, const door_files& next);

}  // namespace headgate::cli
