#include "cli/token_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "config/value.hpp"
#include "net/descriptor.hpp"

namespace headgate::cli {

namespace {

constexpr std::string_view blanks = " \t\r\v\f";

config::settings_error cannot_read(const std::string& path, int error) {
  return config::settings_error("cannot read the token in " + config::quoted(path) + ": " +
                                std::generic_category().message(error));
}

// Its beginning, with the first line if that can be a token. A pipe that nobody writes to is empty rather than waited
// for.
std::string beginning_of(const std::string& path) {
  const net::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) throw cannot_read(path, errno);
  if (::fcntl(file.get(), F_SETFL, 0) != 0) throw cannot_read(path, errno);
  std::string text;
  std::array<char, 4096> part{};
  while (text.size() < part.size() && text.find('\n') == std::string::npos) {
    const auto count = ::read(file.get(), part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw cannot_read(path, errno);
    if (count == 0) break;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return text;
}

std::string_view first_line(std::string_view text) {
  const auto line = text.substr(0, text.find('\n'));
  const auto begin = std::min(line.find_first_not_of(blanks), line.size());
  return line.substr(begin, line.find_last_not_of(blanks) + 1 - begin);
}

}  // namespace

std::string read_token(const std::string& path) {
  const auto text = beginning_of(path);
  const auto token = first_line(text);
  if (token.size() < least_token_size || token.size() > most_token_size) {
    throw config::settings_error("the token in " + config::quoted(path) + ", its first line, has " +
                                 std::to_string(token.size()) + " characters and needs " +
                                 std::to_string(least_token_size) + " to " + std::to_string(most_token_size) +
                                 ": 'openssl rand -hex 24' makes one");
  }
  if (!std::ranges::all_of(token, [](char letter) { return letter > ' ' && letter < '\x7f'; })) {
    throw config::settings_error("the token in " + config::quoted(path) +
                                 ", its first line, has blanks in it or characters that are not of ASCII: "
                                 "'openssl rand -hex 24' makes a good one");
  }
  return std::string(token);
}

std::string token_of(const config::admin& admin) {
  if (!admin.enabled || admin.token_file.empty()) return "";
  try {
    return read_token(admin.token_file);
  } catch (const config::settings_error& error) {
    throw config::settings_error(std::string("admin.token_file: ") + error.what());
  }
}

}  // namespace headgate::cli
