#include "loadtest/commands/result_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "net/descriptor.hpp"

namespace headgate::loadtest::commands {

namespace {

[[noreturn]] void fail(const std::string& name, int error) {
  throw std::system_error(error, std::generic_category(), "cannot write " + name);
}

bool is_special(const std::string& name) {
  std::error_code none;
  const auto status = std::filesystem::status(name, none);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

std::string folder_of(const std::string& name) {
  const auto folder = std::filesystem::path(name).parent_path().string();
  return folder.empty() ? "." : folder;
}

// What a symbolic link points to is written, not the link.
std::string behind_links(const std::string& name) {
  std::error_code none;
  const auto real = std::filesystem::canonical(name, none);
  return none ? name : real.string();
}

int write_all(int fd, const std::string& text) {
  for (std::size_t written = 0; written < text.size();) {
    const auto count = ::write(fd, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0) written += static_cast<std::size_t>(count);
  }
  return 0;
}

// Some file systems say only now that the disk is full.
int write_to(const std::string& name, int flags, const std::string& text) {
  net::descriptor file(::open(name.c_str(), flags | O_WRONLY | O_CLOEXEC, 0666));
  if (!file) return errno;
  if (const int error = write_all(file.get(), text); error != 0) return error;
  if (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS) return errno;
  return 0;
}

}  // namespace

void check_result_file(const std::string& name) {
  const auto real = behind_links(name);
  if (std::filesystem::is_directory(real)) fail(name, EISDIR);
  const auto& what = is_special(real) ? real : folder_of(real);
  if (::access(what.c_str(), W_OK) != 0) fail(name, errno);
}

void write_result_file(const std::string& name, const std::string& text) {
  const auto real = behind_links(name);
  if (is_special(real)) {
    if (const int error = write_to(real, 0, text); error != 0) fail(name, error);
    return;
  }
  const auto beside = real + ".new-" + std::to_string(::getpid());
  int error = write_to(beside, O_CREAT | O_TRUNC, text);
  if (error == 0 && std::rename(beside.c_str(), real.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(beside.c_str());
    fail(name, error);
  }
}

}  // namespace headgate::loadtest::commands
