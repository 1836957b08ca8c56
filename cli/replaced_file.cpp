#include "cli/replaced_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "net/descriptor.hpp"

namespace headgate::cli {

namespace {

constexpr std::size_t most_bytes = 256 * 1024 * 1024;  // some two million users

[[noreturn]] void fail(const std::string& path, const std::string& what, int error) {
  throw std::runtime_error(path + " cannot be " + what + ": " + std::generic_category().message(error));
}

struct stat about(int file, const std::string& path) {
  struct stat found {};
  if (::fstat(file, &found) != 0) fail(path, "read", errno);
  if (!S_ISREG(found.st_mode)) throw std::runtime_error(path + " is no file");
  return found;
}

std::string read_all(int file, const std::string& path) {
  std::string text;
  std::array<char, 65'536> part{};
  for (;;) {
    const auto count = ::read(file, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "read", errno);
    if (count == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(count));
    if (text.size() > most_bytes) throw std::runtime_error(path + " is too large");
  }
}

// The file behind links, since a link is to stay one.
std::string real_path(const std::string& path) {
  std::error_code error;
  const auto real = std::filesystem::weakly_canonical(path, error);
  return error ? path : real.string();
}

// Opens the file and holds its lock. The file that is locked may have been replaced while this one waited: then the one
// that stands there now is locked.
net::descriptor open_locked(const std::string& path, bool may_create) {
  for (;;) {
    const int create = may_create ? O_CREAT : 0;
    net::descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | create, 0600));
    if (!file) fail(path, may_create ? "written" : "read", errno);
    const auto locked = about(file.get(), path);
    while (::flock(file.get(), LOCK_EX) != 0) {
      if (errno != EINTR) fail(path, "locked", errno);
    }
    struct stat there {};
    const bool is_there = ::stat(path.c_str(), &there) == 0;
    if (is_there && there.st_dev == locked.st_dev && there.st_ino == locked.st_ino) return file;
  }
}

// Returns 0 or an errno.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : EIO;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

// Gives a draft the owner and mode of the old file. Who may not give it away keeps it for itself: another group must
// not read what was meant for the old one.
void dress(int draft, const struct stat& old) {
  const bool same_group = ::fchown(draft, static_cast<uid_t>(-1), old.st_gid) == 0;
  const bool same_owner = ::fchown(draft, old.st_uid, static_cast<gid_t>(-1)) == 0;
  mode_t mode = old.st_mode & 0777U;
  if (!same_group || !same_owner) mode &= same_group ? 0770U : 0700U;
  ::fchmod(draft, mode);
}

void sync_directory_of(const std::string& path) {
  const auto directory = std::filesystem::path(path).parent_path();
  const net::descriptor opened(::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened) ::fsync(opened.get());  // some file systems cannot; the file itself is written
}

}  // namespace

void replace_file(const std::string& given_path, bool may_create,
                  const std::function<std::optional<std::string>(const std::string& text)>& edit) {
  const auto path = real_path(given_path);
  const auto file = open_locked(path, may_create);
  const auto old = about(file.get(), path);
  const auto text = edit(read_all(file.get(), path));
  if (!text) return;

  // Under the lock nobody else has a draft: one that is there is of somebody who was killed.
  const auto draft_path = path + ".new";
  ::unlink(draft_path.c_str());
  const net::descriptor draft(::open(draft_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!draft) fail(draft_path, "written", errno);
  int error = write_all(draft.get(), *text);
  if (error == 0) dress(draft.get(), old);
  if (error == 0 && ::fsync(draft.get()) != 0) error = errno;
  if (error == 0 && ::rename(draft_path.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(draft_path.c_str());
    fail(path, "written", error);
  }
  sync_directory_of(path);
}

std::string read_whole_file(const std::string& path) {
  const net::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) fail(path, "read", errno);
  about(file.get(), path);
  return read_all(file.get(), path);
}

}  // namespace headgate::cli
