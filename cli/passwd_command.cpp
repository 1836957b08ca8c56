#include "cli/passwd_command.hpp"

#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/printable.hpp"
#include "cli/admin_options.hpp"
#include "cli/password_prompt.hpp"
#include "cli/replaced_file.hpp"
#include "cli/setting_options.hpp"
#include "config/load.hpp"
#include "proxy/auth/password_edit.hpp"
#include "proxy/auth/password_file.hpp"
#include "proxy/auth/user_name.hpp"

namespace headgate::cli {

namespace {

using namespace proxy::auth;

struct passwd_options : setting_options {
  std::string user;
  std::string file;
  bool password_from_input = false;
};

constexpr const char* reload_hint = "A running server goes by it after SIGHUP: systemctl reload headgate";

std::string file_of(const passwd_options& options) {
  if (!options.file.empty()) return options.file;
  const auto loaded = config::load(sources_of(options));
  if (!loaded.settings.auth.password_file.empty()) return loaded.settings.auth.password_file;
  throw std::runtime_error("no password file is named: give --file FILE, or set auth.password_file in " +
                           (loaded.file.empty() ? std::string("the configuration") : loaded.file));
}

// What was wrong in the file before stays there, and is said.
void warn_of_errors(const std::string& path, const std::string& text) {
  const auto errors = parse_password_file(text).errors;
  if (errors.empty()) return;
  std::fputs(describe(path, errors).c_str(), stderr);
  std::fputs("headgate: no server takes the file as long as these lines are in it\n", stderr);
}

int add_user(const passwd_options& options) {
  if (const auto problem = explain_user_name(options.user); !problem.empty()) {
    throw std::runtime_error(std::string(problem) + ": choose another one");
  }
  const auto path = file_of(options);
  // Before the file is locked or made: somebody may think long about a password.
  const auto password = options.password_from_input ? read_password_line() : ask_for_password(options.user);
  const auto hash = make_password_hash(password);
  bool was_there = false;
  replace_file(path, true, [&](const std::string& text) {
    was_there = has_user(text, options.user);
    return std::optional(with_user(text, options.user, hash));
  });
  print(options.user + (was_there ? " has a new password in " : " is added to ") + path + "\n" + reload_hint + "\n");
  warn_of_errors(path, read_whole_file(path));
  return done;
}

int remove_user(const passwd_options& options) {
  const auto path = file_of(options);
  bool was_there = false;
  replace_file(path, false, [&](const std::string& text) {
    auto edited = without_user(text, options.user);
    was_there = edited.has_value();
    return edited;
  });
  if (!was_there) {
    std::fprintf(stderr, "headgate: there is no user '%s' in %s\n", base::printable(options.user).c_str(),
                 path.c_str());
    return answer_is_no;
  }
  print(options.user + " is removed from " + path + "\n" + reload_hint + "\n");
  return done;
}

int list_users(const passwd_options& options) {
  const auto path = file_of(options);
  const auto parsed = parse_password_file(read_whole_file(path));
  std::string names;
  for (const auto& [name, hash] : parsed.file.users) names += name + "\n";
  print(names);
  if (!parsed.errors.empty()) throw std::runtime_error(describe(path, parsed.errors));
  return done;
}

CLI::App* add_part(CLI::App& command, command_line& line, const char* name, const char* help,
                   const std::shared_ptr<passwd_options>& options, int (*run)(const passwd_options&)) {
  auto* part = command.add_subcommand(name, help);
  part->add_option("-f,--file", options->file,
                   "The password file; default: the one that auth.password_file of the configuration names")
      ->type_name("FILE");
  add_setting_options(*part, *options);
  part->callback([options, run, &line] { line.run = [options, run] { return run(*options); }; });
  return part;
}

}  // namespace

void add_passwd_command(CLI::App& app, command_line& line) {
  auto* command = app.add_subcommand("passwd", "Adds, removes and lists the users of a password file");
  command->require_subcommand(1);
  command->footer(
      "The file is in mosquitto's format, and mosquitto_passwd may change it too.\n"
      "Examples:\n"
      "  headgate passwd add alice --file /etc/headgate/users\n"
      "  headgate passwd add sensor-7 --password-stdin < secret\n"
      "  headgate passwd list");

  const auto adding = std::make_shared<passwd_options>();
  auto* add = add_part(*command, line, "add", "Adds a user, or gives one another password; asks for the password",
                       adding, add_user);
  add->add_option("USER", adding->user, "The name")->required();
  add->add_flag("--password-stdin", adding->password_from_input, "Takes the password from a line of standard input");

  const auto removing = std::make_shared<passwd_options>();
  auto* remove = add_part(*command, line, "remove", "Removes a user", removing, remove_user);
  remove->add_option("USER", removing->user, "The name")->required();

  const auto listing = std::make_shared<passwd_options>();
  add_part(*command, line, "list", "Prints the names of all users, and what is wrong with the file", listing,
           list_users);
}

}  // namespace headgate::cli
