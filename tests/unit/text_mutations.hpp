#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/unit/property.hpp"

// Texts of keys and values, edited badly.
namespace headgate::tests {

using lines = std::vector<std::string>;

inline lines split(const std::string& text) {
  std::istringstream stream(text);
  lines lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

inline std::string join(const lines& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

inline std::string mutated_bytes(std::string text, dice& dice) {
  static const std::string_view letters = " \t\n:#-'\"{}[],&*!|>%@`?~0aA_.\\\r";
  for (auto count = 1 + dice.below(3); count > 0; --count) {
    const auto at = dice.below(text.size());
    switch (dice.below(5)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ (1 << dice.below(8)));
        break;
      case 1:
        text[at] = letters[dice.below(letters.size())];
        break;
      case 2:
        text.insert(at, 1, letters[dice.below(letters.size())]);
        break;
      case 3:
        text.erase(at, 1 + dice.below(4));
        break;
      default:
        text[at] = static_cast<char>(dice.below(256));
        break;
    }
  }
  return text;
}

inline std::string mutated_lines(const std::string& text, dice& dice) {
  auto all = split(text);
  for (auto count = 1 + dice.below(2); count > 0; --count) {
    const auto here = dice.below(all.size());
    const auto there = dice.below(all.size());
    switch (dice.below(6)) {
      case 0:
        all.erase(all.begin() + here);
        break;
      case 1:
        all.insert(all.begin() + there, all[here]);
        break;
      case 2:
        all[here].insert(0, 1 + dice.below(4), ' ');
        break;
      case 3:
        all[here].erase(0, std::min<std::size_t>(all[here].find_first_not_of(' '), 1 + dice.below(4)));
        break;
      case 4:
        std::swap(all[here], all[there]);
        break;
      default:
        all[here] += " " + all[there];
        break;
    }
  }
  return join(all);
}

// Takes the value or the key of one line and gives it to another, or renames a key.
inline std::string mutated_words(const std::string& text, dice& dice) {
  auto all = split(text);
  auto& here = all[dice.below(all.size())];
  const auto& there = all[dice.below(all.size())];
  const auto colon = here.find(':');
  const auto other = there.find(':');
  if (colon == std::string::npos || other == std::string::npos) return mutated_lines(text, dice);
  static const lines values = {"",     "~",      "null", "-1",  "0",      "65536", "99999999999999999999",
                               "1e3",  "0x10",   "yes",  "[1]", "{a: b}", "'",     "\"",
                               "1KiB", "1.5MiB", "|",    ">",   "*a",     "&a 1",  "!!str 1",
                               "---",  "<<"};
  switch (dice.below(4)) {
    case 0:
      here = here.substr(0, colon) + there.substr(other);
      break;
    case 1:
      here = there.substr(0, other) + here.substr(colon);
      break;
    case 2:
      here = here.substr(0, colon + 1) + " " + values[dice.below(values.size())];
      break;
    default:
      here.insert(dice.below(colon + 1), 1, static_cast<char>('a' + dice.below(26)));
      break;
  }
  return join(all);
}

// One of many ways in which somebody edits a file badly.
inline std::string mutated(const std::string& text, dice& dice) {
  switch (dice.below(4)) {
    case 0:
      return mutated_bytes(text, dice);
    case 1:
      return mutated_lines(text, dice);
    case 2:
      return mutated_words(text, dice);
    default:
      return dice.one_in(3) ? text.substr(0, dice.below(text.size())) : mutated_bytes(mutated_lines(text, dice), dice);
  }
}

}  // namespace headgate::tests
