#include "base/printable.hpp"

#include <algorithm>

#include "base/utf8_character.hpp"

namespace headgate::base {

namespace {

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  if (character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9") return true;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::string printable(std::string_view text, std::size_t most_bytes) {
  std::string clean;
  while (!text.empty()) {
    const auto size = utf8_character_bytes(text);
    const auto character = text.substr(0, std::max<std::size_t>(size, 1));
    if (clean.size() + character.size() > most_bytes) return clean + "…";
    clean += size == 0 || is_control(character) ? "?" : character;
    text.remove_prefix(character.size());
  }
  return clean;
}

}  // namespace headgate::base
