#include "cli/data_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "config/settings.hpp"

namespace headgate::cli {

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw config::settings_error("data_dir=" + path + " " + why);
}

std::string cause(int error) {
  return std::generic_category().message(error);
}

std::string user() {
  return "user " + std::to_string(::geteuid());
}

void make_directory(const std::string& path) {
  constexpr mode_t for_us_alone = 0700;
  if (::mkdir(path.c_str(), for_us_alone) == 0) return;
  switch (errno) {
    case EEXIST: {
      struct stat about {};
      const bool is_directory = ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
      if (!is_directory) refuse(path, "is no directory: give the path of one, or of one that is to be made");
      return;
    }
    case ENOENT:
      refuse(path, "cannot be made, since the directory above it is not there: make that one first (mkdir -p)");
    case ENOTDIR:
      refuse(path, "cannot be made, since a part of the path is no directory");
    case EACCES:
    case EPERM:
    case EROFS:
      refuse(path, "cannot be made by " + user() + " (" + cause(errno) +
                       "): make it and give it to that user (chown), or choose another directory");
    default:
      refuse(path, "cannot be made: " + cause(errno));
  }
}

[[noreturn]] void refuse_to_open_lock(const std::string& path, int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      refuse(path, "cannot be written by " + user() + " (" + cause(error) +
                       "): give it to that user (chown -R), or choose another directory");
    case EROFS:
      refuse(path, "cannot be written (" + cause(error) + "): choose another directory");
    case ELOOP:
    case EISDIR:
      refuse(path, "cannot be locked, since 'lock' in it is no file but a " +
                       std::string(error == ELOOP ? "symbolic link" : "directory") + ": take that away");
    default:
      refuse(path, "cannot be written: " + cause(error));
  }
}

// The process id in the file; empty: none, as in the moment before its owner has written it.
std::string owner_of(int file) {
  std::array<char, 32> text{};
  const auto size = ::pread(file, text.data(), text.size(), 0);
  const std::string_view content(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto end = std::ranges::find_if_not(content, [](unsigned char byte) { return std::isdigit(byte) != 0; });
  return {content.begin(), end};
}

}  // namespace

data_dir_lock::data_dir_lock(const std::string& path) {
  make_directory(path);
  constexpr mode_t readable_by_all = 0644;
  const auto name = path + "/lock";
  file_ = net::descriptor(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, readable_by_all));
  if (!file_) refuse_to_open_lock(path, errno);
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) refuse(path, "cannot be locked: " + cause(errno));
    const auto owner = owner_of(file_.get());
    refuse(path, "is in use by " + (owner.empty() ? "another process" : "process " + owner) +
                     ": end that one, or give this server a directory of its own");
  }
  const auto id = std::to_string(::getpid()) + "\n";
  const bool written = ::ftruncate(file_.get(), 0) == 0 &&
                       ::pwrite(file_.get(), id.data(), id.size(), 0) == static_cast<ssize_t>(id.size());
  if (!written) refuse(path, "cannot be written: " + cause(errno));
}

// So that nobody takes the number of a process that ended for its owner.
data_dir_lock::~data_dir_lock() {
  if (file_) (void)!::ftruncate(file_.get(), 0);
}

}  // namespace headgate::cli
