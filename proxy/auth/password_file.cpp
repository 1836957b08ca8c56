#include "proxy/auth/password_file.hpp"

#include "proxy/auth/file_lines.hpp"
#include "proxy/auth/user_name.hpp"

namespace headgate::proxy::auth {

namespace {

using lines_of_users = std::map<std::string, std::size_t, std::less<>>;

// What is wrong with a line, or nothing, when `file` has its user.
std::string take_line(const file_line& line, password_file& file, lines_of_users& lines) {
  if (const auto problem = explain_bytes(line.text); !problem.empty()) return std::string(problem);
  const auto colon = line.text.find(':');
  if (colon == std::string_view::npos) {
    return "a line is USER:HASH, as 'headgate passwd add USER' writes it; a comment begins with '#'";
  }
  const auto name = trimmed(line.text.substr(0, colon));
  const auto hash = trimmed(line.text.substr(colon + 1));
  if (const auto problem = explain_user_name(name); !problem.empty()) {
    return std::string(problem) + ": a line is USER:HASH";
  }
  const auto mend = "'" + command_to_add(name) + "' writes a new one";
  if (hash.empty()) return quoted(name) + " has no hash: " + mend;
  if (hash.front() != '$') {
    return "the password of " + quoted(name) + " stands here in plain text, where its hash belongs: '" +
           command_to_add(name) + "' writes it, and 'mosquitto_passwd -U FILE' those of all users";
  }
  auto parsed = parse_password_hash(hash);
  if (!parsed) {
    return "the hash of " + quoted(name) + " cannot be used, since " + std::string(explain(parsed.error())) + ": " +
           mend;
  }
  const auto [entry, is_new] = lines.emplace(std::string(name), line.number);
  if (!is_new) {
    return quoted(name) + " stands in line " + std::to_string(entry->second) + " already: take one of the two out";
  }
  file.users.emplace(std::string(name), std::move(*parsed));
  return {};
}

}  // namespace

parsed_password_file parse_password_file(std::string_view text) {
  parsed_password_file parsed;
  lines_of_users numbers;
  file_lines lines(text);
  while (const auto line = lines.next()) {
    if (line->says_nothing) continue;
    auto problem = take_line(*line, parsed.file, numbers);
    if (!problem.empty()) parsed.errors.push_back({line->number, std::move(problem)});
  }
  return parsed;
}

std::vector<std::string> changed_users(const password_file& before, const password_file& next) {
  std::vector<std::string> changed;
  for (const auto& [name, hash] : before.users) {
    const auto found = next.users.find(name);
    if (found == next.users.end() || !(found->second == hash)) changed.push_back(name);
  }
  return changed;
}

}  // namespace headgate::proxy::auth
