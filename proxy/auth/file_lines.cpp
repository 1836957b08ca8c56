#include "proxy/auth/file_lines.hpp"

#include <algorithm>

#include "base/printable.hpp"
#include "mqtt/utf8.hpp"

namespace headgate::proxy::auth {

namespace {

constexpr std::string_view blanks = " \t\n\v\f\r";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t most_bytes_of_name = 64;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::optional<file_line> file_lines::next() {
  if (rest_.empty()) return std::nullopt;
  const auto end = rest_.find('\n');
  const auto whole = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
  rest_.remove_prefix(whole.size());
  auto text = whole;
  ++count_;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  const auto first = trimmed(text);
  return file_line{count_, whole, text, first.empty() || first.front() == '#'};
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

word_and_rest split_word(std::string_view text) {
  const auto word = text.substr(0, text.find(' '));
  return {word, trimmed(text.substr(word.size()))};
}

std::string_view explain_bytes(std::string_view text) {
  if (mqtt::check_utf8(base::as_bytes(text)) == mqtt::text_check::not_utf8) {
    return "this is no UTF-8, which names and topics are made of: save the file as UTF-8";
  }
  if (text.find('\t') != std::string_view::npos) return "there is a tab in this line: write a space instead";
  if (std::ranges::any_of(text, is_control)) return "there is a control character in this line: take it out";
  return {};
}

std::string quoted(std::string_view name) {
  return "'" + base::printable(name, most_bytes_of_name) + "'";
}

}  // namespace headgate::proxy::auth
