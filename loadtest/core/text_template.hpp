#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace headgate::loadtest::core {

// A text with places for numbers, such as a client id or a topic:
//   %c  the client's number within its group, from 0
//   %n  the topic's number, from 0, where a client has several
//   %%  a percent sign
// A digit or two between, as in %8n, is the least number of digits, filled up with zeros.
class text_template {
 public:
  // The template, or a sentence that says what is wrong with it and what to write instead.
  static std::variant<text_template, std::string> parse(std::string_view text);
  // Text without places.
  static text_template literal(std::string text);

  // Appends the text for these numbers to `out`.
  void expand(std::uint64_t client, std::uint64_t topic, std::string& out) const;
  std::string expanded(std::uint64_t client, std::uint64_t topic) const;

  bool names_client() const { return names('c'); }
  bool names_topic() const { return names('n'); }
  // As it was written.
  const std::string& text() const { return text_; }

 private:
  // A piece of text and the place behind it; the last one has none.
  struct piece {
    std::string text;
    char place = 0;  // 'c', 'n' or 0
    std::uint8_t digits = 0;
  };
  bool names(char place) const;

  std::string text_;
  std::vector<piece> pieces_;
};

}  // namespace headgate::loadtest::core
