#include "cli/door_files.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

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
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.is_open() && !stream.bad() && errno == 0) return text;
  problems.add(key + ": " + file + " cannot be read: " + std::generic_category().message(errno));
  return std::nullopt;
}

std::shared_ptr<const proxy::auth::password_file> read_users(const std::string& file, problems& problems) {
  if (file.empty()) return nullptr;
  const auto text = contents_of("auth.password_file", file, problems);
  if (!text) return nullptr;
  auto parsed = proxy::auth::parse_password_file(*text);
  if (!parsed.errors.empty()) problems.add(proxy::auth::describe(file, parsed.errors));
  return std::make_shared<const proxy::auth::password_file>(std::move(parsed.file));
}

std::shared_ptr<const proxy::auth::acl> read_rules(const std::string& file, problems& problems) {
  if (file.empty()) return nullptr;
  const auto text = contents_of("auth.acl_file", file, problems);
  if (!text) return nullptr;
  auto parsed = proxy::auth::parse_acl_file(*text);
  if (!parsed.errors.empty()) problems.add(proxy::auth::describe(file, parsed.errors));
  return std::make_shared<const proxy::auth::acl>(std::move(parsed.rules));
}

}  // namespace

door_files read_door_files(const config::settings& settings, const door_files* before) {
  door_files files;
  problems problems;
  files.users = read_users(settings.auth.password_file, problems);
  files.rules = read_rules(settings.auth.acl_file, problems);
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

std::vector<std::string> warnings_of(const config::settings& settings, const door_files& files) {
  std::vector<std::string> lines;
  for (std::size_t n = 0; n < files.tls.size(); ++n) {
    if (!files.tls[n]) continue;
    for (const auto& warning : files.tls[n]->warnings()) {
      lines.push_back("listeners." + settings.listeners[n].name + ": " + warning);
    }
  }
  return lines;
}

std::vector<std::string> changed_users(const door_files& before, const door_files& next) {
  static const proxy::auth::password_file nobody;
  return proxy::auth::changed_users(before.users ? *before.users : nobody, next.users ? *next.users : nobody);
}

}  // namespace headgate::cli
