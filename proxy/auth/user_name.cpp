#include "proxy/auth/user_name.hpp"

#include <algorithm>

#include "base/printable.hpp"
#include "mqtt/utf8.hpp"
#include "proxy/auth/file_lines.hpp"

namespace headgate::proxy::auth {

namespace {

constexpr std::size_t most_bytes = 65'535;  // of a string in MQTT

bool is_safe_in_shell(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || c == '_' || c == '-' || c == '.' || c == '@' || c == '/' || c == '+';
}

}  // namespace

std::string_view explain_user_name(std::string_view name) {
  if (name.empty()) return "the name of the user is empty";
  if (name.size() > most_bytes) return "the name of the user is longer than 65535 bytes";
  if (mqtt::check_utf8(base::as_bytes(name)) == mqtt::text_check::not_utf8) return "the name of the user is no UTF-8";
  if (base::printable(name) != name) return "there is a control character in the name of the user";
  if (name.find(':') != std::string_view::npos)
    return "there is a ':' in the name of the user, which ends it in the file";
  if (name.front() == '#') return "the name of the user begins with '#', as comments do";
  if (trimmed(name) != name) return "the name of the user begins or ends with a space";
  return {};
}

std::string command_to_add(std::string_view name) {
  const bool plain = std::ranges::all_of(name, is_safe_in_shell) && !name.starts_with('-');
  auto word = plain ? base::printable(name, 64) : quoted(name);
  if (!plain && name.find('\'') != std::string_view::npos) word = "USER";
  return "headgate passwd add " + word;
}

}  // namespace headgate::proxy::auth
