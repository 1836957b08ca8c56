#include "config/yaml_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "config/value.hpp"
#include "config/yaml_reader.hpp"
#include "net/descriptor.hpp"

namespace headgate::config {

namespace {

// What the process was started with: the shell has made the pipe for it, and somebody writes to it.
bool is_given_open(const std::string& path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

}  // namespace

void read_yaml(settings& settings, std::string_view text, const std::string& name, origins& origins,
               problems& problems) {
  yaml_reader reader(settings, without_mark(text), name, origins, problems);
  parse_yaml(text, name, reader, problems);
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
