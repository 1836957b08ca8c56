#include "config/yaml_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <sstream>
#include <system_error>

#include "config/value.hpp"
#include "config/yaml_reader.hpp"
#include "net/descriptor.hpp"

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

// What the process was started with: the shell has made the pipe for it, and somebody writes to it.
bool is_given_open(const std::string& path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

}  // namespace

void read_yaml(settings& settings, std::string_view text, const std::string& name, origins& origins,
               problems& problems) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  yaml_reader reader(settings, text, name, origins, problems);
  if (const auto bad = find_bad_text(text)) {
    problems.add(reader.where(line_at(text, *bad)),
                 "this is no text in UTF-8: the byte " + hexadecimal(text[*bad]) + " cannot stand there");
    return;
  }
  if (const auto bad = find_bad_line(text)) {
    problems.add(reader.where(bad->number), bad->sentence);
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
    while (parser.HandleNextDocument(reader)) {
    }
  } catch (const reading_ends&) {
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
    problems.add(reader.where(line),
                 "this is not YAML: " + error.msg + " (at column " + std::to_string(error.mark.column + 1) + ")");
  }
}

std::string read_whole_file(const std::string& path) {
  const auto fail = [&](const std::string& why) {
    throw settings_error("cannot read the configuration " + quoted(path) + ": " + why);
  };
  const auto cause = [] { return std::generic_category().message(errno); };
  // Not blocking: nobody may ever write to a pipe.
  const net::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) fail(cause());
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) fail(cause());
  const bool is_pipe = S_ISFIFO(about.st_mode);
  if (is_pipe && !is_given_open(path)) fail("it is a pipe; what a command writes can be given as /dev/stdin");
  if (::fcntl(file.get(), F_SETFL, 0) != 0) fail(cause());
  std::string text;
  std::array<char, 16384> part{};
  for (;;) {
    const auto size = ::read(file.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail(cause());
    if (size == 0) break;
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > max_file_bytes)
      fail("it is larger than " + show_size(max_file_bytes) + ", so it is probably another file");
  }
  // Such as at a reload: it is not the wish for no settings at all.
  if (is_pipe && text.empty()) fail("nothing comes from this pipe");
  return text;
}

}  // namespace headgate::config
