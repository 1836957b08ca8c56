#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate::proxy::auth {

// Lines of the files for users and rights. Pure.

struct file_line {
  std::size_t number = 0;     // from 1
  std::string_view whole{};   // with what ends it
  std::string_view text{};    // without; without blanks at its end, and a byte order mark before it
  bool says_nothing = false;  // empty, or a comment
};

// Takes the lines of a text one after the other.
class file_lines {
 public:
  explicit file_lines(std::string_view text) : rest_(text) {}
  std::optional<file_line> next();

 private:
  std::string_view rest_;
  std::size_t count_ = 0;
};

// Without blanks before and behind.
std::string_view trimmed(std::string_view text);
// The first word, and what follows the blanks behind it; only a space divides words.
struct word_and_rest {
  std::string_view word;
  std::string_view rest;
};
word_and_rest split_word(std::string_view text);

// What is wrong with the bytes of a line, as a sentence: MQTT's names and topics are UTF-8, and control characters have
// no place in them here. Empty: nothing.
std::string_view explain_bytes(std::string_view text);

// As a sentence names it: in quotes, cut when it is long.
std::string quoted(std::string_view name);

}  // namespace headgate::proxy::auth
