#include "config/yaml_events.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstddef>
#include <sstream>

#include "config/value.hpp"

namespace headgate::config {

namespace {

// More stands on no line of a configuration, and a parser's time grows with the square of it.
constexpr std::ptrdiff_t max_brackets = 100;

// A line counted from 1.
int line_at(std::string_view text, std::size_t position) {
  return static_cast<int>(std::ranges::count(text.substr(0, position), '\n')) + 1;
}

std::string hexadecimal(char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  return {'0', 'x', digits[value >> 4], digits[value & 15]};
}

struct bad_line {
  int number = 0;  // from 1
  std::string sentence;
};

// What the parser would take in a way that nobody means: it passes over directives that it does not know, and a tab
// ends no indentation but begins a value.
std::optional<bad_line> find_bad_line(std::string_view text) {
  for (int number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.starts_with('%')) return bad_line{number, "lines that begin with % are not taken"};
    const auto indent = std::min(line.find_first_not_of(" \t\r"), line.size());
    const bool says_something = indent < line.size() && line[indent] != '#';
    if (says_something && line.substr(0, indent).find('\t') != std::string_view::npos)
      return bad_line{number, "a tab stands before " + quoted(line.substr(indent)) + ": indent with spaces"};
  }
  return std::nullopt;
}

// Whether the text that begins with a quote has the closing one.
bool is_closed(std::string_view text) {
  const char quote = text.front();
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      const bool is_doubled = quote == '\'' && at + 1 < text.size() && text[at + 1] == quote;  // stands for one
      if (!is_doubled) return true;
      ++at;
    }
  }
  return false;
}

// What begins with one of these is no value without quotes.
std::string advice_on(std::string_view text, const YAML::Mark& mark) {
  const auto place = static_cast<std::size_t>(mark.pos);
  if (mark.is_null() || place >= text.size() || std::string_view("%@`").find(text[place]) == std::string_view::npos)
    return {};
  return std::string(": a value cannot begin with '") + text[place] + "', so put quotes around it";
}

}  // namespace

std::string where_in(const std::string& name, int line) {
  return line == 0 ? name : name + ":" + std::to_string(line);
}

int line_of(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : mark.line + 1;
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

std::optional<std::string> find_extra(const std::string& tag, YAML::anchor_t anchor) {
  if (anchor != 0) return "anchors (&NAME) are not taken: write the value where it is wanted";
  if (tag.empty() || tag == "?" || tag == "!") return std::nullopt;
  return "tags (" + quoted(tag) + ") are not taken: write the value alone";
}

source_lines::source_lines(std::string_view text) {
  while (!text.empty()) {
    lines_.push_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(lines_.back().size() + 1, text.size()));
  }
}

std::optional<std::string> source_lines::find_several_lines(const YAML::Mark& mark, bool is_plain,
                                                            const std::string& value) const {
  const auto number = static_cast<std::size_t>(mark.line);
  const auto line = number < lines_.size() ? lines_[number] : std::string_view();
  const auto rest = line.substr(std::min(static_cast<std::size_t>(mark.column), line.size()));
  if (is_plain) {
    if (rest.starts_with(value)) return std::nullopt;
    return quoted(value) + " stands on several lines: is one indented too far, or without its ':'?";
  }
  if (rest.empty() || (rest.front() != '"' && rest.front() != '\''))
    return "texts of several lines (| and >) are not taken";
  if (is_closed(rest)) return std::nullopt;
  return std::string("the closing ") + rest.front() + " is missing on this line";
}

void parse_yaml(std::string_view text, const std::string& name, YAML::EventHandler& handler, problems& problems) {
  text = without_mark(text);
  if (const auto bad = find_bad_text(text)) {
    problems.add(where_in(name, line_at(text, *bad)),
                 "this is no text in UTF-8: the byte " + hexadecimal(text[*bad]) + " cannot stand there");
    return;
  }
  if (const auto bad = find_bad_line(text)) {
    problems.add(where_in(name, bad->number), bad->sentence);
    return;
  }
  if (std::ranges::count(text, '[') > max_brackets || std::ranges::count(text, '{') > max_brackets) {
    problems.add(name, "there are more than " + std::to_string(max_brackets) +
                           " opening brackets: write keys below each other, indented");
    return;
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
  } catch (const reading_ends&) {
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
    problems.add(where_in(name, line), "this is not YAML: " + error.msg + " (at column " +
                                           std::to_string(error.mark.column + 1) + ")" + advice_on(text, error.mark));
  }
}

}  // namespace headgate::config
