#include "loadtest/core/text_template.hpp"

#include <algorithm>
#include <utility>

namespace headgate::loadtest::core {

namespace {

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

void append_number(std::uint64_t number, std::uint8_t digits, std::string& out) {
  const std::string text = std::to_string(number);
  if (text.size() < digits) out.append(digits - text.size(), '0');
  out += text;
}

}  // namespace

std::variant<text_template, std::string> text_template::parse(std::string_view text) {
  text_template made;
  made.text_ = text;
  made.pieces_.emplace_back();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      made.pieces_.back().text += text[at];
      continue;
    }
    std::uint8_t digits = 0;
    const std::size_t begin = ++at;
    while (at < text.size() && at < begin + 2 && is_digit(text[at])) {
      digits = static_cast<std::uint8_t>(digits * 10 + (text[at++] - '0'));
    }
    const char place = at < text.size() ? text[at] : '\0';
    if (place == '%' && at == begin) {
      made.pieces_.back().text += '%';
    } else if (place == 'c' || place == 'n') {
      made.pieces_.back().place = place;
      made.pieces_.back().digits = digits;
      made.pieces_.emplace_back();
    } else {
      return "'" + std::string(text) +
             "' has a '%' that begins no place: %c is the client's number, %n the topic's, %8n " +
             "the same with eight digits, and %% a percent sign";
    }
  }
  return made;
}

text_template text_template::literal(std::string text) {
  text_template made;
  made.pieces_.push_back({text, 0, 0});
  made.text_ = std::move(text);
  return made;
}

void text_template::expand(std::uint64_t client, std::uint64_t topic, std::string& out) const {
  for (const piece& part : pieces_) {
    out += part.text;
    if (part.place != 0) append_number(part.place == 'c' ? client : topic, part.digits, out);
  }
}

std::string text_template::expanded(std::uint64_t client, std::uint64_t topic) const {
  std::string out;
  expand(client, topic, out);
  return out;
}

bool text_template::names(char place) const {
  return std::ranges::any_of(pieces_, [place](const piece& part) { return part.place == place; });
}

}  // namespace headgate::loadtest::core
