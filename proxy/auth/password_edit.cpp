#include "proxy/auth/password_edit.hpp"

#include "proxy/auth/file_lines.hpp"

namespace headgate::proxy::auth {

namespace {

bool is_of(const file_line& line, std::string_view name) {
  const auto colon = line.text.find(':');
  return !line.says_nothing && colon != std::string_view::npos && trimmed(line.text.substr(0, colon)) == name;
}

}  // namespace

bool has_user(std::string_view text, std::string_view name) {
  file_lines lines(text);
  while (const auto line = lines.next()) {
    if (is_of(*line, name)) return true;
  }
  return false;
}

std::string with_user(std::string_view text, std::string_view name, const password_hash& hash) {
  const auto mine = std::string(name) + ":" + to_text(hash);
  std::string edited;
  edited.reserve(text.size() + mine.size() + 2);
  bool written = false;
  file_lines lines(text);
  while (const auto line = lines.next()) {
    if (!is_of(*line, name)) {
      edited += line->whole;
    } else if (!written) {
      edited += mine + (line->whole.ends_with("\r\n") ? "\r\n" : "\n");
      written = true;
    }
  }
  if (written) return edited;
  if (!edited.empty() && edited.back() != '\n') edited += '\n';
  return edited + mine + "\n";
}

std::optional<std::string> without_user(std::string_view text, std::string_view name) {
  if (!has_user(text, name)) return std::nullopt;
  std::string edited;
  edited.reserve(text.size());
  file_lines lines(text);
  while (const auto line = lines.next()) {
    if (!is_of(*line, name)) edited += line->whole;
  }
  return edited;
}

}  // namespace headgate::proxy::auth
