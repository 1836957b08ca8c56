#include "cli/door_files.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "cli/certificates.hpp"
#include "cli/replaced_file.hpp"
#include "config/tls_of.hpp"
#include "proxy/auth/acl_file.hpp"

namespace headgate::cli {

namespace {

// All sentences about what is wrong, until the last file has been read.
class problems {
 public:
  void add(const std::string& lines) { text_ += (text_.empty() ? "" : "\n") + lines; }
  void throw_if_any() const {
    if (!text_.empty()) throw config::settings_error(text_);
  }

 private:
  std::string text_;
};

std::optional<std::string> contents_of(const std::string& key, const std::string& file, problems& problems) {
  try {
    return read_whole_file(file);
  } catch (const std::runtime_error& error) {
    problems.add(key + ": " + error.what());
    return std::nullopt;
  }
}

std::shared_ptr<const proxy::auth::password_file> read_users(const std::string& file, problems& problems) {
  if (file.empty()) return nullptr;
  const auto text = contents_of("auth.password_file", file, problems);
  if (!text) return nullptr;
  auto parsed = proxy::auth::parse_password_file(*text);
  if (!parsed.errors.empty()) problems.add(proxy::auth::describe(file, parsed.errors));
  return std::make_shared<const proxy::auth::password_file>(std::move(parsed.file));
}

void read_rules(const std::string& file, const door_files* before, door_files& next, problems& problems) {
  if (file.empty()) return;
  auto text = contents_of("auth.acl_file", file, problems);
  if (!text) return;
  next.rules_text = std::move(*text);
  if (before && before->rules && before->rules_text == next.rules_text) {
    next.rules = before->rules;
    return;
  }
  auto parsed = proxy::auth::parse_acl_file(next.rules_text);
  if (!parsed.errors.empty()) problems.add(proxy::auth::describe(file, parsed.errors));
  next.rules = std::make_shared<const proxy::auth::acl>(std::move(parsed.rules));
}

}  // namespace

door_files read_door_files(const config::settings& settings, const door_files* before) {
  door_files files;
  problems problems;
  files.users = read_users(settings.auth.password_file, problems);
  read_rules(settings.auth.acl_file, before, files, problems);
  for (std::size_t n = 0; n < settings.listeners.size(); ++n) {
    const auto& listener = settings.listeners[n];
    auto& context = files.tls.emplace_back();
    if (listener.transport != config::transport::tls) continue;
    try {
      context = net::tls_context::of_server(config::tls_of(listener), before ? before->tls[n].get() : nullptr);
    } catch (const net::tls_error& error) {
      problems.add("listeners." + listener.name + ": " + error.what());
    }
  }
  problems.throw_if_any();
  return files;
}

std::string summary_of(const door_files& files) {
  std::string text;
  const auto add = [&](std::size_t number, const std::string& what, const std::string& behind = {}) {
    text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + what + (number == 1 ? "" : "s") + behind;
  };
  if (files.users) add(files.users->users.size(), "user");
  if (files.rules) {
    auto rules = files.rules->anonymous.size() + files.rules->patterns.size();
    for (const auto& [name, own] : files.rules->users) rules += own.size();
    add(rules, "rule");
  }
  const auto plain = static_cast<std::size_t>(std::ranges::count(files.tls, nullptr));
  if (files.tls.size() > plain) add(files.tls.size() - plain, "listener", " with TLS");
  return text;
}

std::vector<std::string> warnings_of(const config::settings& settings, const door_files& files) {
  std::vector<std::string> lines;
  if (files.users && files.users->users.empty()) {
    lines.push_back("auth.password_file: " + settings.auth.password_file +
                    " has no users, so nobody comes in with a password; 'headgate passwd add NAME --file " +
                    settings.auth.password_file + "' adds one");
  }
  for (auto& warning : warnings_of(certificates_of(settings, files))) lines.push_back(std::move(warning));
  return lines;
}

std::vector<std::string> changed_users(const door_files& before, const door_files& next) {
  static const proxy::auth::password_file nobody;
  return proxy::auth::changed_users(before.users ? *before.users : nobody, next.users ? *next.users : nobody);
}

}  // namespace headgate::cli
